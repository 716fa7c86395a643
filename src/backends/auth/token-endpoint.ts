import type { Log } from '../../core/log.ts'
import type { OAuthClientConfig, TokenEndpointConfig } from '../../core/outgoing-auth-config.ts'
import { basicOf } from '../../net/basic.ts'
import type { Fetcher } from '../../net/fetcher.ts'
import { type Grant, judgeGrant, reasonOf } from './grant.ts'
import { EVERYWHERE, HTTPS_OR_HERE } from './judges.ts'
import type { Keyring } from './keyring.ts'
import { Unreachable } from './tokens.ts'

export interface TokenEndpointOptions {
  readonly config: TokenEndpointConfig
  /** What the endpoint is called in errors, such as "the identity provider". */
  readonly who: string
  readonly backend: string
  readonly keyring: Keyring
  readonly log: Log
}

/** Parameters of a token request; those that are `undefined` are left out. */
export type GrantRequest = Readonly<Record<string, string | undefined>>

const MAX_BYTES = 256 * 1024
const WITHIN_MS = 10_000

/** A token endpoint (RFC 6749 §3.2), asked as the client that is configured for it. */
export class TokenEndpoint {
  /** What tokens from here depend on. */
  readonly key: readonly string[]
  readonly #options: TokenEndpointOptions
  readonly #fetcher: Fetcher
  /** What was last said in the log. */
  #complaint: string | undefined

  constructor(options: TokenEndpointOptions) {
    const { url, client, allowHttp, caBundlePath } = options.config
    this.#options = options
    this.key = [url, client?.id ?? '']
    this.#fetcher = options.keyring.fetcher({
      allowPrivateIp: true,
      allowHttp,
      caBundlePath,
      judge: allowHttp ? EVERYWHERE : HTTPS_OR_HERE,
    })
  }

  /** @throws Error which says why there is none, without addresses and secrets */
  async grant(request: GrantRequest): Promise<Grant> {
    const { config, who } = this.#options
    try {
      const { status, body } = await this.#post(formOf(request, config.client))
      if (status !== 200) {
        const why = `${who} ${reasonOf(status, body, secretsOf(request, config.client))}`
        throw status >= 500 || status === 429 ? new Unreachable(why) : new Error(why)
      }
      const grant = judgeGrant(body, who)
      this.#complaint = undefined
      return grant
    } catch (error) {
      this.#complain(error as Error)
      throw error
    }
  }

  async #post(form: URLSearchParams): Promise<{ readonly status: number; readonly body: unknown }> {
    const { config, who } = this.#options
    try {
      const { status, body } = await this.#fetcher.exchange(config.url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headersOf(config.client) },
        body: form.toString(),
        maxBytes: MAX_BYTES,
        withinMs: WITHIN_MS,
      })
      return { status, body: parse(body) }
    } catch (cause) {
      throw new Unreachable(`${who} cannot be asked for a token`, { cause })
    }
  }

  /** The same over and over is news only once. The address is for the operator. */
  #complain({ message, cause }: Error): void {
    const { config, backend, log } = this.#options
    const { origin, pathname } = new URL(config.url)
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message
    const write = this.#complaint === reason ? log.debug : log.warn
    this.#complaint = reason
    write({ backend, url: origin + pathname, reason }, 'there is no token for a backend')
  }
}

function formOf(request: GrantRequest, client: OAuthClientConfig | undefined): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(request)) if (value !== undefined) form.set(name, value)
  if (client === undefined || isBasic(client)) return form
  form.set('client_id', client.id)
  if (client.secret !== undefined) form.set('client_secret', client.secret)
  return form
}

function headersOf(client: OAuthClientConfig | undefined): Readonly<Record<string, string>> {
  return client !== undefined && isBasic(client) ? { authorization: basicOf(client.id, client.secret) } : {}
}

function isBasic(client: OAuthClientConfig): client is OAuthClientConfig & { readonly secret: string } {
  return client.secret !== undefined && client.method === 'client_secret_basic'
}

function secretsOf(request: GrantRequest, client: OAuthClientConfig | undefined): string[] {
  const { authorization = '' } = headersOf(client)
  return [
    request['subject_token'],
    request['assertion'],
    client?.secret,
    authorization.slice('Basic '.length),
  ].flatMap((secret) => secret ?? [])
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}
