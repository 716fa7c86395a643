import type { Fetcher } from '../../../net/fetcher.ts'
import { type JsonObject, metadataAt } from './asking.ts'
import { type Challenge, scopesAmong } from './challenge.ts'

/** The backend as its authorization server knows it (RFC 9728). */
export interface Resource {
  /** What tokens are asked for, and good for (RFC 8707). */
  readonly id: string
  /** Of its authorization servers, the one to ask first. None where only the configuration knows. */
  readonly issuers: readonly string[]
  /** What is needed for the basics; absent where it is not said. */
  readonly scopes: readonly string[] | undefined
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/**
 * Where the backend says so, and else at the well-known places, first below its path and then at the root (MCP,
 * basic/authorization, Protected Resource Metadata Discovery).
 * @returns undefined where there are none
 * @throws Error which says what is wrong with them
 */
export async function discoverResource(
  fetcher: Fetcher,
  backend: URL,
  challenge: Challenge | undefined,
): Promise<Resource | undefined> {
  const said = challenge?.resourceMetadata
  if (said !== undefined) return resourceAt(fetcher, ownAddress(said, backend), backend)
  for (const path of new Set([backend.pathname === '/' ? '' : backend.pathname, ''])) {
    const url = new URL(WELL_KNOWN + path, backend)
    const metadata = await metadataAt(fetcher, url)
    if (metadata !== undefined) return resourceIn(metadata, url, backend)
  }
  return undefined
}

/** The resource where there are no metadata. */
export function bareResource(backend: URL): Resource {
  return { id: canonical(backend), issuers: [], scopes: undefined }
}

async function resourceAt(fetcher: Fetcher, url: URL, backend: URL): Promise<Resource> {
  const metadata = await metadataAt(fetcher, url)
  if (metadata === undefined)
    throw new Error(`the backend says that its metadata are at ${shown(url)}, where there are none`)
  return resourceIn(metadata, url, backend)
}

/** Metadata are of the host that they are about (RFC 9728 §3.1), so that no other host can speak for it. */
function ownAddress(text: string, backend: URL): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw new Error('the backend says that its metadata are at what is no URL')
  if (url.origin === backend.origin) return url
  throw new Error(
    `the backend at ${backend.origin} says that its metadata are at ${url.origin}: another host cannot speak for it`,
  )
}

/** RFC 9728 §3.3: what is about another resource is not to be used. */
function resourceIn(metadata: JsonObject, at: URL, backend: URL): Resource {
  const { resource, authorization_servers: servers, scopes_supported: scopes } = metadata
  if (typeof resource !== 'string' || !isAbout(resource, backend)) {
    const what = typeof resource === 'string' ? JSON.stringify(resource.slice(0, 200)) : 'nothing'
    throw new Error(
      `the metadata at ${shown(at)} are about ${what} and not about this backend, ${canonical(backend)}`,
    )
  }
  const issuers = Array.isArray(servers) ? servers.filter((it) => typeof it === 'string') : []
  return { id: resource, issuers, scopes: Array.isArray(scopes) ? scopesAmong(scopes) : undefined }
}

/** The backend itself, or what it is a part of on the same host. */
function isAbout(resource: string, backend: URL): boolean {
  const url = URL.canParse(resource) ? new URL(resource) : undefined
  if (url === undefined || url.origin !== backend.origin || url.hash !== '' || url.username !== '')
    return false
  if (url.search !== '' && url.search !== backend.search) return false
  const whole = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`
  return `${backend.pathname}/`.startsWith(whole) || backend.pathname === url.pathname
}

/** Without a fragment, and without the slash of an empty path (MCP, basic/authorization, Canonical Server URI). */
function canonical(url: URL): string {
  const { origin, pathname, search } = url
  return origin + (pathname === '/' ? '' : pathname) + search
}

function shown({ origin, pathname }: URL): string {
  return origin + pathname
}
