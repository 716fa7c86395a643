import type { RedisConfig } from '../core/limits.ts'

const SECURE = 'rediss://'

/** `host:port`, with a scheme before it where there is to be one. */
export function toRedisAddress(text: string): Pick<RedisConfig, 'address' | 'tls'> {
  const address = text.replace(/^rediss?:\/\//, '')
  return isSecureRedis(text) ? { address, tls: {} } : { address }
}

export function isSecureRedis(address: string): boolean {
  return address.startsWith(SECURE)
}
