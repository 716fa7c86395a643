import type { Principal } from '../../../core/caller.ts'
import { claimAt } from '../../../core/claims.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { MappedClaimsConfig } from '../../../core/mapped-claims-config.ts'
import type { Credentials, Headers, OutgoingAuth, Sendable } from '../outgoing.ts'
import { Asserter } from './assertion.ts'
import { headerText } from './text.ts'

/** What is said of one caller. */
interface Said {
  readonly headers: Headers
  /** Milliseconds since 1970. */
  readonly until: number
}

/** Tells the backend who the caller is, in headers, and in a JWT of ours. */
export const mappedClaims: OutgoingAuth<'mapped_claims'> = {
  type: 'mapped_claims',
  create: (config) => new MappedClaims(config),
}

class MappedClaims implements Credentials {
  readonly ofCaller = true
  readonly #config: MappedClaimsConfig
  readonly #asserter: Asserter | undefined
  readonly #own: ReadonlySet<string>
  readonly #said = new WeakMap<Principal, Said>()
  readonly #pending = new WeakMap<Principal, Promise<Said>>()

  /** @throws GatewayError `config` */
  constructor(config: MappedClaimsConfig) {
    this.#config = config
    this.#asserter = config.jwt && new Asserter(config.jwt)
    const names = [...config.headers.map(({ header }) => header), ...(config.jwt ? [config.jwt.header] : [])]
    this.#own = new Set(names.map(folded))
  }

  authorize(headers: Headers, { caller }: Sendable): Headers | Promise<Headers> {
    const others = this.#without(headers)
    if (caller === undefined) return others
    const said = this.#about(caller.principal)
    if (!(said instanceof Promise)) return { ...others, ...said.headers }
    return said.then((it) => ({ ...others, ...it.headers }))
  }

  advice(): string {
    const jwt = this.#config.jwt
    if (jwt === undefined) return 'it does not take the caller that the headers of mappedClaims name'
    return `see whether it knows the key and takes the issuer ${jwt.issuer} and the audience ${jwt.audience} of mappedClaims.jwt`
  }

  /** Nobody but us says who the caller is, not even where we say nothing. */
  #without(headers: Headers): Headers {
    const names = Object.keys(headers)
    if (!names.some((name) => this.#own.has(folded(name)))) return headers
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !this.#own.has(folded(name))))
  }

  /** Made when it is first wanted, once for all who want it at the same time. */
  #about(principal: Principal): Said | Promise<Said> {
    const said = this.#said.get(principal)
    if (said !== undefined && Date.now() < said.until) return said
    const { jwt } = this.#config
    const asserter = this.#asserter
    if (jwt === undefined || asserter === undefined)
      return this.#keep(principal, { headers: this.#claimed(principal), until: Number.POSITIVE_INFINITY })
    const pending = this.#pending.get(principal)
    if (pending !== undefined) return pending
    const headers = this.#claimed(principal)
    const saying = asserter
      .about(principal)
      .then(({ token, renewAt }) => {
        const text = jwt.format.replaceAll('{token}', () => token)
        const all = { ...headers, [jwt.header.toLowerCase()]: text }
        return this.#keep(principal, { headers: all, until: renewAt })
      })
      .finally(() => this.#pending.delete(principal))
    this.#pending.set(principal, saying)
    return saying
  }

  #keep(principal: Principal, said: Said): Said {
    this.#said.set(principal, said)
    return said
  }

  /** @throws GatewayError `unauthenticated` */
  #claimed(principal: Principal): Headers {
    const headers: Record<string, string> = {}
    for (const config of this.#config.headers) {
      const { claim, header, required } = config
      const text = headerText(claimAt(principal.claims, claim), config)
      if (text !== undefined) headers[header.toLowerCase()] = text
      else if (required) throw missing(claim, header)
    }
    return headers
  }
}

function missing(claim: string, header: string): GatewayError {
  const message = `the caller has no claim ${claim}, which mappedClaims requires for ${header}`
  return new GatewayError('unauthenticated', message)
}

/** Some servers take `X_User` for `X-User`. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
