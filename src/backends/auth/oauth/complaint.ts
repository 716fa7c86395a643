import { isSaidIn } from '../echo.ts'

/**
 * What went wrong at an authorization server, on one line. For the operator who is logging in.
 * @param secrets that it was sent, and may say back
 */
export function said(error: unknown, secrets: readonly (string | undefined)[] = []): string {
  const { error: code, error_description: words, message, cause } = error as Complaint
  const known = secrets.filter((it) => it !== undefined)
  if (typeof code === 'string') {
    const safe = words && !isSaidIn(words, known) ? ` (${words})` : ''
    return shortened(codeOf(code) + safe)
  }
  if (cause instanceof Response) return `it answered with HTTP ${cause.status}, and not as it should`
  // A challenge is what it says instead of a body.
  if (Array.isArray(cause)) return `it wants other credentials of the client (${shortened(message ?? '')})`
  return shortened(message || 'it is not known why')
}

/** The same without the words of the server, which may hold what it was sent. For the log. */
export function reason(error: unknown): string {
  const { error: code } = error as Complaint
  return typeof code === 'string' ? codeOf(code) : said(error)
}

/** RFC 6749 §5.2 and those who add to it: a word. What else there is may be what it was sent. */
function codeOf(error: string): string {
  return /^[a-z_]{1,40}$/.test(error) ? error : 'an error that is no code'
}

interface Complaint {
  readonly error?: unknown
  readonly error_description?: string
  readonly message?: string
  readonly cause?: unknown
}

function shortened(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').slice(0, 300)
}
