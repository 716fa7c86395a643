/** What a child gets of our own environment; it may hold secrets that are none of the child's business. */
const POSIX = [
  'HOME',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TERM',
  'USER',
  'LANG',
  'LANGUAGE',
  'TMPDIR',
  'TZ',
] as const
const WINDOWS = [
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERNAME',
  'USERPROFILE',
] as const

export function childEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  configured: Readonly<Record<string, string>>,
): Record<string, string> {
  const names: readonly string[] = process.platform === 'win32' ? WINDOWS : POSIX
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(own)) {
    const inherited = names.includes(name.toUpperCase()) || name.startsWith('LC_')
    // A value that begins so is a shell function, which some shells would run.
    if (inherited && value !== undefined && !value.startsWith('()')) env[name] = value
  }
  return { ...env, ...configured }
}
