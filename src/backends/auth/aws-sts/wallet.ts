import { hash } from 'node:crypto'
import type { AwsStsConfig } from '../../../core/aws-sts-config.ts'
import type { Principal } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { subjectOf } from '../callers.ts'
import { type Held, keyOf, type Token, type Tokens } from '../tokens.ts'
import type { AwsCredentials } from './reply.ts'
import { createRoleOf, type RoleOf } from './roles.ts'
import { sessionNameOf } from './session-name.ts'
import type { Sts } from './sts.ts'

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/

export interface WalletOptions {
  readonly config: AwsStsConfig
  readonly tokens: Tokens
  readonly sts: Sts
  /** Everything else that the credentials depend on: the backend, and where they come from. */
  readonly key: readonly string[]
}

/** The AWS credentials of each caller of one backend. */
export class Wallet {
  readonly #options: WalletOptions
  readonly #roleOf: RoleOf
  /** So that what a caller has is found without looking at claims and hashing. */
  readonly #known = new WeakMap<Principal, Held>()
  readonly #read = new WeakMap<Held, AwsCredentials>()

  /** @throws GatewayError `config` for an expression that cannot be read */
  constructor(options: WalletOptions) {
    this.#options = options
    this.#roleOf = createRoleOf(options.config)
  }

  /** Without a promise where there are some already. @throws GatewayError `unauthenticated`, Error */
  of(principal: Principal): AwsCredentials | Promise<AwsCredentials> {
    const known = this.#known.get(principal)
    if (known?.isGood) return this.#open(known.use())
    const held = this.#find(principal)
    return held instanceof Promise ? held.then((it) => this.#open(it)) : this.#open(held)
  }

  held(principal: Principal): Held | undefined {
    return this.#known.get(principal)
  }

  #find(principal: Principal): Held | Promise<Held> {
    const { config, tokens, sts, key } = this.#options
    const token = subjectOf(principal)
    if (!JWT.test(token)) throw opaque()
    const roleArn = this.#roleOf(principal.claims)
    if (roleArn === undefined) throw roleless()
    const sessionName = sessionNameOf(principal.claims, config.sessionNameClaim)
    const seconds = config.sessionSeconds
    const parts = [...key, roleArn, sessionName, String(seconds), hash('sha256', token, 'base64')]
    const held = tokens.of(keyOf(parts), async (): Promise<Token> => {
      const credentials = await sts.assume({ roleArn, sessionName, token, seconds })
      return { value: JSON.stringify(credentials), expires: credentials.expires }
    })
    if (!(held instanceof Promise)) return this.#know(principal, held)
    return held.then((it) => this.#know(principal, it))
  }

  #know(principal: Principal, held: Held): Held {
    this.#known.set(principal, held)
    return held
  }

  #open(held: Held): AwsCredentials {
    const known = this.#read.get(held)
    if (known !== undefined) return known
    const credentials = JSON.parse(held.value) as AwsCredentials
    this.#read.set(held, credentials)
    return credentials
  }
}

/** It would say nothing to AWS, and is nobody else's to see. */
function opaque(): GatewayError {
  return new GatewayError(
    'unauthenticated',
    "AWS takes JWTs of the identity provider only, and the caller's token is an opaque one",
  )
}

function roleless(): GatewayError {
  return new GatewayError(
    'unauthenticated',
    'there is no AWS role for this caller: none of awsSts.roleMappings fits, and there is no fallbackRoleArn',
  )
}
