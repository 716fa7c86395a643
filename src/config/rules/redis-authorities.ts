import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, textAt, wrong } from '../place.ts'
import { isSecureRedis } from '../redis-address.ts'

/** @param redis a block with an `address` */
export function* redisAuthorities(redis: Place): Iterable<Finding> {
  const authorities = child(redis, 'caCertPath')
  if (exists(authorities) && !isSecureRedis(textAt(child(redis, 'address')) ?? ''))
    yield wrong(authorities, 'only a connection with TLS has one: the address begins with rediss:// then')
}
