import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../../core/log.ts'
import type { Fetcher, FetchReply } from '../../../net/fetcher.ts'
import { type AwsCredentials, type AwsError, readCredentials, readError } from './reply.ts'

export interface Assumption {
  readonly roleArn: string
  readonly sessionName: string
  /** The caller's own. */
  readonly token: string
  readonly seconds: number
}

export interface StsOptions {
  readonly url: string
  readonly fetcher: Fetcher
  /** The backend's name, for the log. */
  readonly backend: string
  readonly log: Log
}

const API_VERSION = '2011-06-15'
const MAX_BYTES = 64 * 1024
const ATTEMPTS = 3
const FIRST_PAUSE_MS = 100
/** No further attempt is begun after this long. */
const PATIENCE_MS = 6_000
/** AWS asks for another try (API reference, AssumeRoleWithWebIdentity, Errors; common errors). */
const PASSING: ReadonlySet<string> = new Set([
  ...['IDPCommunicationError', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded'],
  ...['ServiceUnavailable', 'InternalFailure'],
])
const ADVICE: Readonly<Record<string, string>> = {
  AccessDenied:
    "the trust policy of the caller's role does not let them assume it: it must name the identity provider, and conditions that fit",
  ExpiredTokenException: "the caller's token has expired",
  IDPRejectedClaim: 'the identity provider no longer stands by the token of the caller',
  InvalidIdentityToken:
    "it does not know the caller's token: the issuer must be an identity provider in IAM with the audience of these tokens, and they must be JWTs",
  PackedPolicyTooLarge: 'the session tags in the token of the caller are too large',
  RegionDisabledException: 'it is not activated in this region; an administrator of the account can do so',
  ValidationError:
    'it does not take what is asked for; see sessionDuration, which may not be more than the role allows',
}

/** What may go well another time. */
class Passing extends Error {}

/** AWS's security token service in one region. */
export class Sts {
  readonly #options: StsOptions

  constructor(options: StsOptions) {
    this.#options = options
  }

  /** @throws Error for the client, which says what AWS refuses, and no more than that */
  async assume(assumption: Assumption): Promise<AwsCredentials> {
    const began = performance.now()
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#try(assumption)
      } catch (error) {
        const isLast = attempt >= ATTEMPTS || performance.now() - began > PATIENCE_MS
        if (!(error instanceof Passing) || isLast) throw error
        await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()))
      }
    }
  }

  async #try(assumption: Assumption): Promise<AwsCredentials> {
    const { status, body } = await this.#ask(assumption)
    if (status === 200) return readWhole(body)
    const error = readError(body.toString())
    this.#note(assumption, status, error)
    const code = error?.code ?? `HTTP ${status}`
    if (status >= 500 || status === 429 || (error !== undefined && PASSING.has(error.code)))
      throw new Passing(`AWS STS cannot answer now (${code})`)
    const advice = error && ADVICE[error.code]
    throw new Error(`AWS STS refuses (${code})${advice === undefined ? '' : `: ${advice}`}`)
  }

  /** The request is not signed: the token is what counts. */
  async #ask({ roleArn, sessionName, token, seconds }: Assumption): Promise<FetchReply> {
    const { url, fetcher, backend, log } = this.#options
    const form = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: API_VERSION,
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      WebIdentityToken: token,
      DurationSeconds: String(seconds),
    })
    const headers = { accept: 'text/xml', 'content-type': 'application/x-www-form-urlencoded' }
    try {
      return await fetcher.exchange(url, {
        method: 'POST',
        headers,
        body: form.toString(),
        maxBytes: MAX_BYTES,
      })
    } catch (cause) {
      log.warn({ backend, err: cause }, `AWS STS cannot be asked: ${(cause as Error).message}`)
      throw new Passing('AWS STS cannot be reached', { cause })
    }
  }

  #note({ roleArn, token }: Assumption, status: number, error: AwsError | undefined): void {
    const { backend, log } = this.#options
    const said = error?.message
      .replaceAll(token, '[token]')
      .replace(/[^\x20-\x7e]+/g, ' ')
      .slice(0, 300)
    const { code } = error ?? { code: undefined }
    log.warn({ backend, role: roleArn, status, code, said }, 'AWS STS gives no credentials')
  }
}

function readWhole(body: Buffer): AwsCredentials {
  try {
    return readCredentials(body.toString())
  } catch (cause) {
    throw new Error(`AWS STS cannot be understood: ${(cause as Error).message}`, { cause })
  }
}
