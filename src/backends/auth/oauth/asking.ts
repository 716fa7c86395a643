import { isObject } from '../../../core/json.ts'
import type { Fetcher, FetchReply } from '../../../net/fetcher.ts'

const METADATA_BYTES = 256 * 1024
export const REPLY_BYTES = 128 * 1024

export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Asks for metadata.
 * @returns undefined where there are none: an answer of 4xx, or what is no JSON object
 * @throws Error which names the URL
 */
export async function metadataAt(fetcher: Fetcher, url: URL): Promise<JsonObject | undefined> {
  const reply = await fetcher.exchange(url.href, { method: 'GET', headers: {}, maxBytes: METADATA_BYTES })
  if (reply.status === 200) return objectIn(reply)
  if (reply.status >= 400 && reply.status < 500) return undefined
  throw new Error(`${url.origin}${url.pathname}: it answered with HTTP ${reply.status}`)
}

/** The `fetch` of the OAuth library: judged, bounded and without redirects. */
export function fetchBy(fetcher: Fetcher) {
  return async (url: string, init: Init): Promise<Response> => {
    const { method, body } = init
    const reply = await fetcher.exchange(url, {
      method: method as 'GET' | 'POST',
      headers: init.headers,
      body: body?.toString(),
      maxBytes: REPLY_BYTES,
    })
    const text = reply.status === 204 || reply.status === 205 ? null : withoutIdToken(reply)
    return new Response(text, { status: reply.status, headers: reply.headers })
  }
}

interface Init {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: unknown
}

/** Who the operator is there is of no use to us, and so need not be verified. */
function withoutIdToken(reply: FetchReply): string | Buffer {
  const object = objectIn(reply)
  if (object === undefined || !('id_token' in object)) return reply.body
  const { id_token: _, ...rest } = object
  return JSON.stringify(rest)
}

export function objectIn({ body }: FetchReply): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
