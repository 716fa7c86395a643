import type { OAuthConfig } from '../../core/oauth-config.ts'
import type { Credentials, CredentialsContext, Headers, OutgoingAuth, Refusal } from './outgoing.ts'

/** The token of an operator who has logged in (`vmcp login`). What it needs is loaded with the first request. */
export const oauth: OutgoingAuth<'oauth'> = {
  type: 'oauth',
  create: (config, context) => new OAuth(config, context),
}

class OAuth implements Credentials {
  readonly ofCaller = false
  readonly #loading: Promise<Credentials>
  #loaded: Credentials | undefined

  constructor(config: OAuthConfig, context: CredentialsContext) {
    this.#loading = import('./oauth/credentials.ts').then(({ OAuthCredentials }) => {
      this.#loaded = new OAuthCredentials(config, context)
      return this.#loaded
    })
  }

  authorize(headers: Headers, ...rest: Rest): Headers | Promise<Headers> {
    const authorize = (it: Credentials) => it.authorize(headers, ...rest)
    return this.#loaded === undefined ? this.#loading.then(authorize) : authorize(this.#loaded)
  }

  async refused(refusal: Refusal): Promise<boolean> {
    return (await this.#loading).refused?.(refusal) ?? false
  }

  /** A request was refused, so what makes them is there. */
  advice(refusal: Refusal): string {
    return this.#loaded?.advice?.(refusal) ?? 'log in to it'
  }

  async close(): Promise<void> {
    await (await this.#loading).close?.()
  }
}

type Rest = Parameters<Credentials['authorize']> extends [Headers, ...infer R] ? R : never
