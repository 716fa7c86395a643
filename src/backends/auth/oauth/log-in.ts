import { randomBytes } from 'node:crypto'
import type { AuthorizationServer } from 'oauth4webapi'
import type { HttpBackendConfig } from '../../../core/config.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { OAuthConfig } from '../../../core/oauth-config.ts'
import { Fetcher, type Judge } from '../../../net/fetcher.ts'
import { Attempt, OFFLINE } from './attempt.ts'
import { type Challenge, union } from './challenge.ts'
import { identify, registeredPort } from './identity.ts'
import { Loopback } from './loopback.ts'
import { probe } from './probe.ts'
import { isLoopbackHost, judgeFor } from './reach.ts'
import type { Login, LoginRecord } from './record.ts'
import { bareResource, discoverResource, type Resource } from './resource.ts'
import { discoverServer } from './server.ts'
import { Vault } from './vault.ts'

export interface LoginOptions {
  readonly backend: HttpBackendConfig
  readonly config: OAuthConfig
  /** To ask for beside the others. */
  readonly scopes: readonly string[]
  /** Ends the wait. */
  readonly signal: AbortSignal
  /** Shows the operator where to log in. What they paste is given to `paste`, which says what is wrong with it. */
  readonly show: (url: URL, paste: (text: string) => string | undefined) => void
}

/** What is known before anybody is asked. */
interface Ground {
  readonly fetcher: Fetcher
  readonly judge: Judge
  readonly record: LoginRecord
  readonly challenge: Challenge | undefined
  readonly resource: Resource
  readonly server: AuthorizationServer
}

/**
 * Has the operator log in to the authorization server of a backend, and keeps what comes of it for the servers that
 * run.
 * @throws Error which says why there is no login; GatewayError `config` where it cannot be kept
 */
export async function logIn(options: LoginOptions): Promise<Login> {
  const { backend, config } = options
  const url = new URL(backend.url)
  if (url.protocol !== 'https:' && !isLoopbackHost(url))
    throw new GatewayError(
      'config',
      `backend '${backend.name}' is at ${url.origin}: a token would go there over plain HTTP`,
    )
  const judge = await judgeFor(url, config.allowPrivateIp)
  const policy = { allowPrivateIp: false, allowHttp: false, judge, caBundlePath: backend.caBundlePath }
  const fetcher = new Fetcher(policy)
  try {
    const vault = new Vault(backend.name, url, config)
    const ground = await explore({ backend, config, url, fetcher, judge, record: await vault.read() })
    return await attempt(options, ground, vault)
  } finally {
    await fetcher.close()
  }
}

type Start = Pick<LoginOptions, 'backend' | 'config'> &
  Pick<Ground, 'fetcher' | 'judge' | 'record'> & { readonly url: URL }

async function explore({ backend, config, url, fetcher, judge, record }: Start): Promise<Ground> {
  const heard = await probe(fetcher, url, backend.headers)
  const place = heard?.resourceMetadata ?? record.wanted?.resourceMetadata
  const challenge = place === undefined ? heard : { ...heard, resourceMetadata: place }
  const found = await discoverResource(fetcher, url, challenge)
  const resource = found ?? bareResource(url)
  const server = await discoverServer(fetcher, judge, issuerOf(resource, config))
  return { fetcher, judge, record, challenge, resource, server }
}

/** Where the configuration names one, it is that one or none (MCP, Authorization Server Binding). */
function issuerOf({ issuers }: Resource, { issuer }: OAuthConfig): string {
  if (issuer !== undefined) {
    if (issuers.length === 0 || issuers.includes(issuer)) return issuer
    throw new Error(
      `the backend names the authorization server ${issuers.map((it) => JSON.stringify(it)).join(' or ')}, and the configuration ${issuer}; where that has changed, register vmcp there and correct issuer`,
    )
  }
  const [first] = issuers
  if (first !== undefined) return first
  throw new Error(
    'the backend names no authorization server (RFC 9728); set issuer to the one that it belongs to',
  )
}

async function attempt(options: LoginOptions, ground: Ground, vault: Vault): Promise<Login> {
  const { config, signal, show } = options
  const { server, resource, fetcher, record } = ground
  const state = randomBytes(32).toString('base64url')
  const loopback = await Loopback.open(state, ports(config, record, server.issuer))
  try {
    const { redirectUri } = loopback
    const { registration } = record
    const { client, registration: kept } = await identify({
      config,
      server,
      registration,
      redirectUri,
      fetcher,
    })
    const scopes = scopesFor(options, ground)
    const secret = config.client?.secret
    const one = new Attempt({ server, resource, client, secret, scopes, state, redirectUri, fetcher })
    show(await one.url(), (text) => loopback.paste(text))
    const login = await one.finish(await within(loopback.answer, signal))
    await vault.update(() => ({ login, ...(kept && { registration: kept }) }))
    return login
  } finally {
    await loopback.close()
  }
}

/** That of the configuration, else that of the registration if it is free still, else any. */
function ports({ redirectPort }: OAuthConfig, { registration }: LoginRecord, issuer: string): number[] {
  if (redirectPort !== undefined) return [redirectPort]
  const registered = registeredPort(registration, issuer)
  return registered === undefined ? [0] : [registered, 0]
}

/**
 * What the backend needs, as it or else its metadata say (MCP, Scope Selection Strategy); all that was asked for
 * before, so that nothing is lost (Step-Up Authorization Flow); and a refresh token, where there is a scope for it.
 */
function scopesFor(
  { config, scopes: more }: LoginOptions,
  { challenge, resource, server, record }: Ground,
): string[] {
  const first = config.scopes ?? challenge?.scopes ?? resource.scopes
  const { login, wanted } = record
  const isSame = login?.issuer === server.issuer && login.resource === resource.id
  const all = union(first, isSame ? login.asked : [], wanted?.scopes, more).filter((it) => it !== OFFLINE)
  return server.scopes_supported?.includes(OFFLINE) === true ? [...all, OFFLINE] : all
}

function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = new Promise<never>((_, reject) => {
    const end = () => reject(new Error('nobody has logged in'))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
  return Promise.race([promise, ended])
}
