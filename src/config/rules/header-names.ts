/** Headers of one hop (RFC 9110 §7.6.1) or of its framing, and what proxies write themselves. */
const HOP = [
  ...['host', 'connection', 'keep-alive', 'te', 'trailer', 'upgrade', 'http2-settings', 'transfer-encoding'],
  ...['content-length', 'expect', 'proxy-authorization', 'proxy-authenticate', 'proxy-connection'],
]

const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

const CREDENTIALS = ['authorization', 'cookie']

/** Set by whoever speaks MCP over the connection. */
const PROTOCOL = [
  ...['accept', 'accept-encoding', 'content-type', 'content-encoding', 'last-event-id'],
  ...['mcp-session-id', 'mcp-protocol-version', 'mcp-method', 'mcp-name'],
]

export const NEVER_SENT: ReadonlySet<string> = new Set(HOP)
export const NEVER_PASSED: ReadonlySet<string> = new Set([...HOP, ...FORWARDING, ...CREDENTIALS])
export const PROTOCOL_HEADERS: ReadonlySet<string> = new Set(PROTOCOL)

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/

/** A field name (RFC 9110 §5.1). */
export function isHeaderName(text: string): boolean {
  return TOKEN.test(text)
}
