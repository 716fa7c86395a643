import type { RedisConfig } from '../core/limits.ts'

const SECURE = 'rediss://'

/** Where a Redis is, as it is configured. */
interface Configured {
  /** `host:port`, with a scheme before it where there is to be one. */
  readonly address: string
  readonly caCertPath?: string | undefined
}

export function toRedisAddress({
  address: text,
  caCertPath,
}: Configured): Pick<RedisConfig, 'address' | 'tls'> {
  const address = text.replace(/^rediss?:\/\//, '')
  return isSecureRedis(text) ? { address, tls: { caCertPath } } : { address }
}

export function isSecureRedis(address: string): boolean {
  return address.startsWith(SECURE)
}
