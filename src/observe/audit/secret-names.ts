const SECRETS: ReadonlySet<string> = new Set([
  ...['secrets', 'tokens', 'passwords', 'apikeys', 'pwd', 'passwd', 'cookie', 'setcookie', 'sessionid'],
  ...['privatekey', 'accesskey', 'accesskeyid', 'credentials', 'otp', 'jwt', 'bearer', 'auth'],
])
/** Also as the last word of a longer name: `client_secret`, `githubToken`. */
const ENDINGS = [
  ...['authorization', 'password', 'passphrase', 'secret', 'token', 'apikey', 'secretkey', 'privatekey'],
  ...['accesskey', 'credential', 'signature'],
]
/** Of the protocol, and worth nothing to anybody. */
const HARMLESS: ReadonlySet<string> = new Set(['progresstoken'])

/** Whether what stands under such a name is not for the log. Case and `_`, `-`, `.` make no difference. */
export function isSecretName(name: string): boolean {
  const folded = name.toLowerCase().replace(/[_\-. ]/g, '')
  if (SECRETS.has(folded)) return true
  return ENDINGS.some((ending) => folded.endsWith(ending)) && !HARMLESS.has(folded)
}
