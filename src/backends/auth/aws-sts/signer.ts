import type { Headers, Sendable } from '../outgoing.ts'
import type { AwsCredentials } from './reply.ts'
import { type AmzDate, amzDate, authorization, type SigningScope, signingKey } from './sign.ts'

interface DayKey {
  readonly day: string
  readonly key: Buffer
}

/** Signs requests to one service in one region. */
export class Signer {
  readonly #scope: SigningScope
  readonly #keys = new WeakMap<AwsCredentials, DayKey>()

  constructor(scope: SigningScope) {
    this.#scope = scope
  }

  /** The host, the body, the path and everything of AWS's own are signed; what proxies may change on the way is not. */
  sign(headers: Headers, { method, body }: Sendable, url: URL, keys: AwsCredentials): Headers {
    const date = amzDate(new Date())
    const sent: Record<string, string> = {
      ...headers,
      'x-amz-date': date.time,
      'x-amz-security-token': keys.sessionToken,
    }
    const own = Object.entries(sent).filter(([name]) => name.startsWith('x-amz-'))
    const request = {
      method,
      path: url.pathname,
      query: url.search.slice(1),
      headers: [['host', url.host] as const, ...own],
      body,
    }
    sent['authorization'] = authorization(request, {
      keys,
      key: this.#keyOf(keys, date),
      scope: this.#scope,
      date,
    })
    return sent
  }

  #keyOf(keys: AwsCredentials, date: AmzDate): Buffer {
    const known = this.#keys.get(keys)
    if (known?.day === date.day) return known.key
    const key = signingKey(keys.secretAccessKey, this.#scope, date)
    this.#keys.set(keys, { day: date.day, key })
    return key
  }
}
