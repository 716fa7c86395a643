import type { TokenCacheConfig } from '../core/outgoing-auth-config.ts'
import { toRedisAddress } from './redis-address.ts'
import type { RuleContext } from './rules/rule.ts'
import type { ConfigInput } from './schema/root.ts'

/** The variable that holds the key where the configuration names no other. */
export const TOKEN_CACHE_KEY = 'VMCP_TOKEN_CACHE_KEY'
const PREFIX = 'vmcp:tokens:'

export function toTokenCache(
  { provider, config }: NonNullable<ConfigInput['tokenCache']>,
  { env }: RuleContext,
): TokenCacheConfig {
  const { maxEntries, ttlOffset: ttlOffsetMs, address, caCertPath, db = 0, keyPrefix = PREFIX } = config
  if (provider === 'memory' || address === undefined) return { maxEntries, ttlOffsetMs }
  const { password = env['THV_SESSION_REDIS_PASSWORD'], encryptionKeyFile: file } = config
  const { encryptionKeyEnv: variable = TOKEN_CACHE_KEY } = config
  const key = file === undefined ? { text: env[variable] ?? '', place: variable } : { file }
  const where = toRedisAddress({ address, caCertPath })
  return { maxEntries, ttlOffsetMs, redis: { ...where, db, keyPrefix, password, key } }
}
