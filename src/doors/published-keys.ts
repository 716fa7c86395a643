import type { BackendConfig, GatewayConfig } from '../core/config.ts'
import { once } from '../core/memo.ts'
import { openSigningKey, type PublishedKey, publishedKey } from '../core/signing-key.ts'

/** Where a service has its keys; the name is a custom that libraries know. */
const PATH = '/.well-known/jwks.json'

/** What is served to everybody under a path: the public keys of what we sign (RFC 7517 §5), where there are any. */
export function publishedAt(path: string, config: GatewayConfig): object | undefined {
  return path === PATH ? keySet(config) : undefined
}

const keySet = once(({ backends }: GatewayConfig) => {
  const keys = new Map(backends.flatMap(keyOf).map((key) => [key.kid, key]))
  return keys.size === 0 ? undefined : { keys: [...keys.values()] }
})

function keyOf({ auth }: BackendConfig): PublishedKey[] {
  if (auth.type !== 'mapped_claims' || auth.jwt === undefined) return []
  try {
    return [publishedKey(openSigningKey(auth.jwt), auth.jwt)]
  } catch {
    // Nothing is signed with it either, and its backend says why.
    return []
  }
}
