import type { Principal } from '../../../core/caller.ts'
import { claimAt } from '../../../core/claims.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { MappedClaimsConfig } from '../../../core/mapped-claims-config.ts'
import type { Credentials, Headers, OutgoingAuth } from '../outgoing.ts'
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

  authorize(headers: Headers, { caller }: { caller: { principal: Principal } | undefined }) {
    const others = this.#without(headers)
    if (caller === undefined) return others
    const said = this.#said.get(caller.principal)
    if (said !== undefined && Date.now() < said.until) return { ...others, ...said.headers }
    return this.#say(caller.principal).then((it) => ({ ...others, ...it.headers }))
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

  #say(principal: Principal): Promise<Said> {
    const pending = this.#pending.get(principal)
    if (pending !== undefined) return pending
    const saying = this.#make(principal).finally(() => this.#pending.delete(principal))
    this.#pending.set(principal, saying)
    return saying
  }

  async #make(principal: Principal): Promise<Said> {
    const headers: Record<string, string> = {}
    for (const config of this.#config.headers) {
      const { claim, header, required } = config
      const text = headerText(claimAt(principal.claims, claim), config)
      if (text !== undefined) headers[header.toLowerCase()] = text
      else if (required) throw missing(claim, header)
    }
    const { jwt } = this.#config
    const assertion = await this.#asserter?.about(principal)
    if (jwt !== undefined && assertion !== undefined)
      headers[jwt.header.toLowerCase()] = jwt.format.replaceAll('{token}', () => assertion.token)
    const said = { headers, until: assertion?.renewAt ?? Number.POSITIVE_INFINITY }
    this.#said.set(principal, said)
    return said
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
