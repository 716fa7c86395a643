import { isObject } from '../../../core/json.ts'
import type { Fetcher } from '../../../net/fetcher.ts'

/** What we need of the metadata of an issuer (RFC 8414 §2). */
export interface IssuerMetadata {
  readonly jwksUrl: string | undefined
  readonly introspectionUrl: string | undefined
}

const MAX_BYTES = 128 * 1024

/** The same issuer with and without a slash at its end, which people do not tell apart. */
export function spellings(issuer: string): [string, string] {
  const bare = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
  return [bare, `${bare}/`]
}

/** Where metadata may be, in the order of the MCP specification (basic/authorization, server metadata discovery). */
export function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  )
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`]
}

/** Finds the metadata of an issuer. @throws Error which says why there is none, for the log */
export async function discover(issuer: string, fetcher: Fetcher): Promise<IssuerMetadata> {
  const faults: string[] = []
  for (const url of metadataUrls(issuer)) {
    try {
      return read(await fetcher.json(url, { maxBytes: MAX_BYTES }), issuer)
    } catch (cause) {
      faults.push((cause as Error).message)
    }
  }
  throw new Error(`the issuer has no metadata that can be used: ${faults.join('; ')}`)
}

/** @throws Error */
function read(document: unknown, issuer: string): IssuerMetadata {
  if (!isObject(document)) throw new Error('the metadata is no JSON object')
  const { issuer: said, jwks_uri: jwks, introspection_endpoint: introspection } = document
  if (typeof said !== 'string' || !spellings(issuer).includes(said))
    throw new Error('the metadata is that of another issuer')
  return {
    jwksUrl: typeof jwks === 'string' ? jwks : undefined,
    introspectionUrl: typeof introspection === 'string' ? introspection : undefined,
  }
}
