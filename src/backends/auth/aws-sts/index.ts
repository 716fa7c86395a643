import type { AwsStsConfig } from '../../../core/aws-sts-config.ts'
import { HTTPS_OR_HERE } from '../judges.ts'
import type {
  Credentials,
  CredentialsContext,
  Headers,
  OutgoingAuth,
  Refusal,
  Sendable,
} from '../outgoing.ts'
import type { Tokens } from '../tokens.ts'
import { stsEndpoint } from './endpoint.ts'
import { Signer } from './signer.ts'
import { Sts } from './sts.ts'
import { Wallet } from './wallet.ts'

/** Credentials that are younger are not what AWS refuses with 403: it says so of all that a role may not do. */
const YOUNG_MS = 60_000

/** The caller assumes a role of AWS by their own token, and every request of theirs is signed. */
export const awsSts: OutgoingAuth<'aws_sts'> = {
  type: 'aws_sts',
  create: (config, context) => new AwsSts(config, context),
}

class AwsSts implements Credentials {
  readonly ofCaller = true
  readonly #wallet: Wallet
  readonly #signer: Signer
  readonly #tokens: Tokens

  /** @throws GatewayError `config` */
  constructor(config: AwsStsConfig, { keyring, backend, log }: CredentialsContext) {
    const { region, service, caBundlePath } = config
    const url = config.stsEndpoint ?? stsEndpoint(region)
    const fetcher = keyring.fetcher({
      allowPrivateIp: true,
      allowHttp: false,
      judge: HTTPS_OR_HERE,
      caBundlePath,
    })
    const sts = new Sts({ url, fetcher, backend, log })
    this.#tokens = keyring.tokens
    this.#wallet = new Wallet({ config, tokens: keyring.tokens, sts, key: ['aws_sts', backend, url] })
    this.#signer = new Signer({ region, service })
  }

  authorize(headers: Headers, request: Sendable, url: URL): Headers | Promise<Headers> {
    const { caller } = request
    if (caller === undefined) return headers
    const keys = this.#wallet.of(caller.principal)
    if (!(keys instanceof Promise)) return this.#signer.sign(headers, request, url, keys)
    return keys.then((it) => this.#signer.sign(headers, request, url, it))
  }

  async refused({ status, caller, sent }: Refusal): Promise<boolean> {
    const held = caller && this.#wallet.held(caller.principal)
    if (held === undefined) return false
    const wasSentByThese = sent['x-amz-security-token'] === JSON.parse(held.value).sessionToken
    if (!held.isAlive || !wasSentByThese) return true
    if (status === 403 && Date.now() - held.since < YOUNG_MS) return false
    return this.#tokens.drop(held)
  }

  advice({ caller }: Refusal): string {
    return caller === undefined
      ? 'it lists for nobody without credentials, and vmcp has none of its own with aws_sts'
      : "see whether the caller's role may use it, and whether region and service of awsSts are those of the backend"
  }
}
