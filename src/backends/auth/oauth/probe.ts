import type { Fetcher } from '../../../net/fetcher.ts'
import { wantsOf } from '../words.ts'
import type { Challenge } from './challenge.ts'

const REPLY_BYTES = 1024 * 1024
const VERSION = '2026-07-28'
const META = 'io.modelcontextprotocol/'
const LIST = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: {
    _meta: {
      [`${META}protocolVersion`]: VERSION,
      [`${META}clientInfo`]: { name: 'vmcp', version: '1' },
      [`${META}clientCapabilities`]: {},
    },
  },
}

/** What a backend wants of somebody without a token; `undefined` where it does not say. @throws Error which names the URL */
export async function probe(
  fetcher: Fetcher,
  backend: URL,
  configured: Readonly<Record<string, string>>,
): Promise<Challenge | undefined> {
  const own = Object.entries(configured).map(([name, value]) => [name.toLowerCase(), value] as const)
  const reply = await fetcher.exchange(backend.href, {
    method: 'POST',
    headers: {
      ...Object.fromEntries(own.filter(([name]) => name !== 'authorization')),
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': VERSION,
      'mcp-method': LIST.method,
    },
    body: JSON.stringify(LIST),
    maxBytes: REPLY_BYTES,
  })
  return reply.status === 401 || reply.status === 403
    ? wantsOf({ challenge: reply.headers['www-authenticate'], sent: configured })
    : undefined
}
