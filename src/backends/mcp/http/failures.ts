import type { RawObject } from '../../../core/raw.ts'
import { Failure } from '../failure.ts'

/** The request did not leave: says what is wrong with the way to the server, and how to mend it. */
export function unreachable(url: URL, error: Error): Failure {
  const facts = { url: printable(url), reason: error.message }
  return new Failure('unsent', `cannot be reached: ${whatIsWrong(error)}`, { cause: error, facts })
}

const WHY: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'the server closed it',
  ECONNRESET: 'the server reset it',
  UND_ERR_HEADERS_OVERFLOW: 'its headers are larger than 16 KB',
}

export function broken(error: Error): Failure {
  const code = codeOf(error)
  const why = WHY[code ?? ''] ?? code ?? 'it ended'
  const facts = { reason: error.message }
  return new Failure('broken', `the connection was lost before the answer came (${why})`, {
    cause: error,
    facts,
  })
}

/** Where more is known of a refusal than its status says. */
export interface Refused {
  /** What is to be done about it. */
  readonly advice?: string | undefined
  /** What the server says of it. */
  readonly words?: string | undefined
}

export function refused(
  url: URL,
  status: number,
  response: RawObject | undefined,
  { advice, words }: Refused = {},
): Failure {
  const facts = { url: printable(url) }
  const mend = advice ?? howToMend(status)
  const said = words === undefined ? '' : ` (${words})`
  return new Failure('status', `answered ${status}: ${mend}${said}`, { status, response, facts })
}

/** Without credentials and query, which may hold secrets. */
function printable(url: URL): string {
  return url.origin + url.pathname
}

function whatIsWrong(error: Error): string {
  const code = codeOf(error) ?? error.name
  if (code === 'ECONNREFUSED')
    return "connection refused; start the server, or correct the port in the backend's url"
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return "its host name cannot be resolved; correct the backend's url"
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return 'no answer to the connection attempt; check the address and firewalls'
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'there is no route to the host'
  if (isTls(code, error))
    return `TLS failed (${code}); set caBundlePath if the server's certificate comes from a private authority`
  return code
}

function isTls(code: string, error: Error): boolean {
  return (
    /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code) ||
    /\bSSL\b/.test(error.message)
  )
}

function howToMend(status: number): string {
  if (status === 401 || status === 403)
    return 'it wants credentials that we do not send; configure outgoing authentication for this backend'
  if (status === 404) return `there is no MCP endpoint at this path; correct the backend's url`
  if (status === 405) return 'this path does not take POST; the url or the transport is wrong'
  if (status === 429) return 'it limits our rate; try again later'
  if (status >= 300 && status < 400)
    return `redirects are not followed; put the final address into the backend's url`
  if (status >= 500) return 'the server, or a proxy in front of it, failed'
  return 'it does not accept the request; check that the url is that of an MCP endpoint'
}

function codeOf(error: Error): string | undefined {
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return code
  const inner = (error as { errors?: Error[] }).errors?.[0]
  return inner === undefined ? undefined : codeOf(inner)
}
