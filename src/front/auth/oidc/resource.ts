import type { GatewayError } from '../../../core/errors.ts'
import type { OidcConfig, ScopePolicy } from '../../../core/incoming-auth-config.ts'
import type { ProtectedResource } from '../incoming.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Where the metadata of a resource is: the segment goes between host and path (RFC 9728 §3.1). */
export function metadataUrl(resource: string): URL {
  const url = new URL(resource)
  url.pathname = WELL_KNOWN + url.pathname.replace(/\/$/, '')
  url.hash = ''
  return url
}

/** Metadata by path: where it belongs, and at the root, where clients look next (MCP, basic/authorization). */
export function documentsOf(
  { resource, issuer, scopes }: OidcConfig,
  name: () => string,
): Map<string, object> {
  if (resource === undefined) return new Map()
  const document = {
    resource,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    ...(scopes.always.length > 0 && { scopes_supported: scopes.always }),
    get resource_name() {
      return name()
    },
  }
  return new Map([
    [metadataUrl(resource).pathname, document],
    [WELL_KNOWN, document],
  ])
}

/** `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1). */
export function createChallenge({ resource, issuer, scopes }: OidcConfig): ProtectedResource['challenge'] {
  const metadata = resource === undefined ? [] : [quoted('resource_metadata', metadataUrl(resource).href)]
  const beginning = [quoted('realm', issuer), ...metadata]
  return ({ data, message, scopes: needed = scopes.always }: GatewayError) => {
    const error = data?.['error']
    const parts = [
      ...beginning,
      ...(needed.length > 0 ? [quoted('scope', needed.join(' '))] : []),
      // A request without credentials is told of no error.
      ...(typeof error === 'string' ? [quoted('error', error), quoted('error_description', message)] : []),
    ]
    return `Bearer ${parts.join(', ')}`
  }
}

function quoted(name: string, text: string): string {
  return `${name}="${text.replace(/[^\x20-\x7e]|["\\]/g, "'")}"`
}

/** What each message needs, looked up by its method and the tool that it calls. */
export function createNeeded({ always, methods, tools }: ScopePolicy): ProtectedResource['needed'] {
  const union = (...lists: (readonly string[] | undefined)[]) => [
    ...new Set(lists.flatMap((list) => list ?? [])),
  ]
  const byMethod = new Map(Object.entries(methods).map(([method, own]) => [method, union(always, own)]))
  const calling = methods['tools/call']
  const byTool = new Map(Object.entries(tools).map(([tool, own]) => [tool, union(always, calling, own)]))
  return (method, tool) => {
    const ofTool = tool === undefined ? undefined : byTool.get(tool)
    return ofTool ?? (method === undefined ? undefined : byMethod.get(method)) ?? always
  }
}
