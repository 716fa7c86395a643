import type { OAuthConfig } from '../../../core/oauth-config.ts'
import { Fetcher } from '../../../net/fetcher.ts'
import type { Credentials, CredentialsContext, Headers, Refusal, Sendable } from '../outgoing.ts'
import { shownScopes, wantsOf } from '../words.ts'
import type { Challenge } from './challenge.ts'
import { reason } from './complaint.ts'
import { dueAt, isYoung, withChallenge, withoutLogin, withTokens } from './kept.ts'
import { isLoopbackHost, judgeFor } from './reach.ts'
import type { LoginRecord } from './record.ts'
import { Vault } from './vault.ts'

/** How often it is looked whether somebody has logged in or out. */
const LOOK_MS = 2_000
/** After a refresh that failed, the next one comes no sooner. */
const AGAIN_MS = 5_000

/**
 * The token of the operator's login. It is replaced before it ends and when it is refused, by one process of those
 * that share it; a login and a logout are noticed while it serves.
 */
export class OAuthCredentials implements Credentials {
  readonly ofCaller = false
  readonly #config: OAuthConfig
  readonly #context: CredentialsContext
  readonly #vault: Vault
  readonly #looking: NodeJS.Timeout
  /** Checked. */
  #known: URL | undefined
  #record: LoginRecord | undefined
  /** Of what was read last; null before that. */
  #version: string | undefined | null = null
  /** Why it cannot be used. */
  #unusable: Error | undefined
  /** What was got in the place of what was refused. */
  #replacement: string | undefined
  #header: string | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #renewing: Promise<void> | undefined
  #failed: { readonly until: number; readonly error: Error } | undefined
  #fetcher: Promise<Fetcher> | undefined

  constructor(config: OAuthConfig, context: CredentialsContext) {
    this.#config = config
    this.#context = context
    this.#vault = new Vault(context.backend, new URL(context.url), config)
    this.#looking = setInterval(() => void this.#look().catch(() => {}), LOOK_MS).unref()
  }

  authorize(headers: Headers, _: Sendable, url: URL): Headers | Promise<Headers> {
    if (url !== this.#known) this.#check(url)
    if (this.#header !== undefined && Date.now() < this.#dueAt) return this.#dress(headers)
    return this.#prepare(headers)
  }

  /** What is refused is replaced, if that can be. What is missing is remembered for the next login. */
  async refused(refusal: Refusal): Promise<boolean> {
    const { status, sent } = refusal
    const refused = sent['authorization']
    const wants = wantsOf(refusal)
    try {
      await this.#look()
      if (status === 401 && this.#header === refused) await this.#renewRefused(refused)
    } catch (error) {
      this.#log('debug', 'a token that was refused is not replaced', error)
    }
    if (this.#header !== undefined && this.#header !== refused) return true
    if (wants !== undefined) await this.#remember(wants)
    return false
  }

  advice(refusal: Refusal): string {
    const { status, sent } = refusal
    const login = `run \`vmcp login ${this.#context.backend}\``
    if (sent['authorization'] === undefined) return `nobody has logged in to it; ${login}`
    if (status === 403) {
      const scopes = wantsOf(refusal)?.scopes
      if (scopes === undefined) return `whoever has logged in may not do this; ${login} as somebody who may`
      const needed = shownScopes(scopes)
      return `its login lacks scopes${needed && `, this needs ${needed}`}; ${login}, which asks for them`
    }
    return `its login is not accepted any more; ${login}`
  }

  async close(): Promise<void> {
    clearInterval(this.#looking)
    await this.#renewing?.catch(() => {})
    await (await this.#fetcher?.catch(() => undefined))?.close()
  }

  #dress(headers: Headers): Headers {
    return this.#header === undefined ? headers : { ...headers, authorization: this.#header }
  }

  /** A token is for one host, and goes there under TLS, or stays on this machine. @throws Error */
  #check(url: URL): void {
    const { backend } = this.#context
    if (url.origin !== new URL(this.#context.url).origin)
      throw new Error(`the login of backend '${backend}' is not for ${url.origin}`)
    if (url.protocol !== 'https:' && !isLoopbackHost(url))
      throw new Error(`its token would go to ${url.origin} over plain HTTP; use https in the url`)
    this.#known = url
  }

  /** Without a login the request goes as it is: the backend says what it wants. */
  async #prepare(headers: Headers): Promise<Headers> {
    if (this.#record === undefined) await this.#look()
    if (this.#unusable !== undefined) throw this.#unusable
    const ends = this.#record?.login?.tokens.endsAt ?? Number.POSITIVE_INFINITY
    if (Date.now() >= this.#dueAt) {
      const renewed = this.#renew(this.#header)
      if (Date.now() >= ends) await renewed
      else renewed.catch(() => {})
    }
    return this.#dress(headers)
  }

  /** Reads what another process has written. What cannot be used is told of once. */
  async #look(): Promise<void> {
    const version = await this.#vault.version()
    if (version === this.#version) return
    const before = this.#header
    this.#version = version
    try {
      this.#take(await this.#vault.read())
    } catch (error) {
      const name = this.#context.backend
      this.#take({})
      this.#unusable = new Error(
        `its login cannot be read; run \`vmcp logout ${name}\` and \`vmcp login ${name}\``,
      )
      this.#log('error', 'the login cannot be read', error)
    }
    if (this.#header !== undefined && this.#header !== before) this.#context.renewed?.()
  }

  #take(record: LoginRecord): void {
    this.#record = record
    this.#unusable = undefined
    const { login } = record
    this.#header = login && `Bearer ${login.tokens.access}`
    this.#dueAt = login === undefined ? Number.POSITIVE_INFINITY : dueAt(login.tokens)
  }

  /** A backend that refuses what was just got in the place of what it refused wants something else. */
  async #renewRefused(refused: string | undefined): Promise<void> {
    const tokens = this.#record?.login?.tokens
    if (this.#replacement !== undefined && this.#replacement === refused && tokens && isYoung(tokens)) return
    await this.#renew(refused)
    if (this.#header !== refused) this.#replacement = this.#header
  }

  /** One at a time. @throws Error why there is no other token, where there might be one later */
  #renew(held: string | undefined): Promise<void> {
    this.#renewing ??= this.#replace(held).finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #replace(held: string | undefined): Promise<void> {
    if (held === undefined) return
    if (this.#failed !== undefined && Date.now() < this.#failed.until) throw this.#failed.error
    try {
      const record = await this.#vault.update((current) => this.#refreshed(current, held))
      // It may have been written anew by now.
      this.#version = null
      this.#failed = undefined
      this.#take(record)
    } catch (cause) {
      // For everybody, and so without addresses.
      this.#log('warn', 'a token cannot be replaced now', cause)
      const error = new Error('its token has ended, and its authorization server gives no other now', {
        cause,
      })
      this.#failed = { until: Date.now() + AGAIN_MS, error }
      throw error
    }
  }

  /** While no other process does. A refresh token is good once: what another process has got is taken. */
  async #refreshed(record: LoginRecord, held: string): Promise<LoginRecord> {
    const { login } = record
    if (login === undefined || `Bearer ${login.tokens.access}` !== held) return record
    if (login.tokens.refresh === undefined) return record
    const { isEnded, refresh } = await import('./protocol.ts')
    try {
      return withTokens(
        record,
        login,
        await refresh(login, this.#config.client?.secret, await this.#openFetcher()),
      )
    } catch (error) {
      if (!isEnded(error, login.client)) throw error
      this.#log('warn', `its login has ended; run \`vmcp login ${this.#context.backend}\``, error)
      return withoutLogin(record)
    }
  }

  /** For `vmcp login`, which may not be told the same. */
  async #remember(challenge: Challenge): Promise<void> {
    const { scopes, resourceMetadata } = challenge
    if (scopes === undefined && resourceMetadata === undefined) return
    if (this.#record !== undefined && withChallenge(this.#record, challenge) === this.#record) return
    try {
      this.#take(await this.#vault.update((record) => withChallenge(record, challenge)))
      this.#version = null
    } catch (error) {
      this.#log('warn', 'what it wants cannot be written down for the next login', error)
    }
  }

  #openFetcher(): Promise<Fetcher> {
    this.#fetcher ??= openFetcher(this.#context, this.#config)
    return this.#fetcher
  }

  #log(level: 'debug' | 'warn' | 'error', message: string, error: unknown): void {
    const { log, backend } = this.#context
    log[level]({ backend, error: reason(error) }, message)
  }
}

async function openFetcher({ url, caBundlePath }: CredentialsContext, config: OAuthConfig): Promise<Fetcher> {
  const judge = await judgeFor(new URL(url), config.allowPrivateIp)
  return new Fetcher({ allowPrivateIp: false, allowHttp: false, judge, caBundlePath })
}
