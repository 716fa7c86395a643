import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BearerPrincipal } from '../../core/bearer.ts'
import type { Caller } from '../../core/caller.ts'
import type { Log } from '../../core/log.ts'
import {
  DEFAULT_TOKEN_CACHE,
  type OutgoingAuthConfig,
  type TokenCacheConfig,
  type TokenEndpointConfig,
} from '../../core/outgoing-auth-config.ts'
import { modernCaller, recordedLog } from '../testing.ts'
import { type Credentials, createCredentials, type Headers, Keyring, type Refusal } from './index.ts'

/** What the tests of credentials have in common. */

interface Asked {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly form: Record<string, string>
}

/** A token endpoint that answers as it is told, on loopback. */
export class Desk {
  readonly url: string
  readonly asked: Asked[] = []
  /** Answers in the place of the usual one. */
  answer: ((asked: Asked, res: ServerResponse) => void) | undefined
  /** Added to the usual answer, or in its place. */
  more: object = {}
  readonly #server

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  }

  static async start(): Promise<Desk> {
    let desk: Desk | undefined
    const server = createServer((req, res) => {
      let text = ''
      req.on('data', (chunk) => {
        text += chunk
      })
      req.on('end', () => desk?.take({ path: req.url ?? '', headers: req.headers, form: formOf(text) }, res))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    desk = new Desk(server)
    return desk
  }

  take(asked: Asked, res: ServerResponse): void {
    this.asked.push(asked)
    const own = { access_token: `got-${this.asked.length}`, token_type: 'Bearer', expires_in: 600 }
    if (this.answer === undefined) say(res, { ...own, ...this.more })
    else this.answer(asked, res)
  }

  endpoint(more: Partial<TokenEndpointConfig> = {}): TokenEndpointConfig {
    return { url: this.url, allowHttp: false, ...more }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export function say(res: ServerResponse, body: object, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function formOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text))
}

/** Somebody who came with this token. */
export function callerWith(token: string, subject = 'alice'): Caller {
  const claims = { sub: subject }
  const facts = { issuer: 'https://idp.example', subject, name: subject, claims, scopes: new Set<string>() }
  return modernCaller({ principal: new BearerPrincipal({ token, ...facts }) })
}

/** The credentials of backend `b`, and what the tests ask of them. */
export function open(config: OutgoingAuthConfig, cache: TokenCacheConfig = DEFAULT_TOKEN_CACHE, log?: Log) {
  const url = new URL('https://b.example/mcp')
  const recorded = recordedLog()
  const keyring = new Keyring(cache, log ?? recorded)
  const on = (backend: string): Credentials =>
    createCredentials(config, { backend, url: url.href, keyring, log: log ?? recorded })
  const credentials = on('b')
  const sent = (caller: Caller | undefined, by = credentials): Headers | Promise<Headers> =>
    by.authorize({ 'x-team': 'blue' }, { method: 'POST', body: null, caller }, url)
  return {
    keyring,
    credentials,
    on,
    sent,
    log: recorded,
    /** The token that a request is sent with. */
    token: async (caller: Caller | undefined, by = credentials) =>
      (await sent(caller, by))['authorization']?.replace('Bearer ', ''),
    refuse: (token: string, more: Partial<Refusal> = {}) =>
      credentials.refused?.({
        status: 401,
        challenge: undefined,
        caller: undefined,
        sent: { authorization: `Bearer ${token}` },
        ...more,
      }),
  }
}
