/** What went wrong at an authorization server, on one line. For the operator who is logging in. */
export function said(error: unknown): string {
  const { error: code, error_description: words, message, cause } = error as Complaint
  if (typeof code === 'string') return shortened(words ? `${code} (${words})` : code)
  if (cause instanceof Response) return `it answered with HTTP ${cause.status}, and not as it should`
  // A challenge is what it says instead of a body.
  if (Array.isArray(cause)) return `it wants other credentials of the client (${shortened(message ?? '')})`
  return shortened(message || 'it is not known why')
}

/** The same without the words of the server, which may hold what it was sent. For the log. */
export function reason(error: unknown): string {
  const { error: code } = error as Complaint
  return typeof code === 'string' ? shortened(code) : said(error)
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
