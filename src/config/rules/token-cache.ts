import { isKey } from '../../stores/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, odd, textAt, wrong, wrongBlock } from '../place.ts'
import { TOKEN_CACHE_KEY } from '../resolve-token-cache.ts'
import { redisAuthorities } from './redis-authorities.ts'
import type { RuleContext } from './rule.ts'

const OF_REDIS = [
  'address',
  'caCertPath',
  'db',
  'keyPrefix',
  'password',
  'encryptionKeyEnv',
  'encryptionKeyFile',
]
const HOW = 'make one with: openssl rand -base64 32'

export function* tokenCache(root: Place, context: RuleContext): Iterable<Finding> {
  const block = child(root, 'tokenCache')
  const config = child(block, 'config')
  if (child(block, 'provider').value === 'redis') {
    if (!exists(child(config, 'address'))) yield wrongBlock(block, 'provider redis needs config.address')
    yield* encryptionKey(block, context)
    yield* redisAuthorities(config)
    return
  }
  for (const place of OF_REDIS.map((key) => child(config, key)))
    if (exists(place)) yield odd(place, 'has no effect unless provider is redis')
}

/** Tokens are not written to Redis in the clear. */
function* encryptionKey(block: Place, { env }: RuleContext): Iterable<Finding> {
  const [variable, file] = ['encryptionKeyEnv', 'encryptionKeyFile'].map((key) =>
    child(block, 'config', key),
  ) as [Place, Place]
  if (exists(file)) {
    if (exists(variable)) yield wrong(variable, 'given with encryptionKeyFile; keep one')
    return
  }
  const name = textAt(variable) ?? TOKEN_CACHE_KEY
  const key = env[name]
  const where = exists(variable) ? variable : { ...block, path: [...block.path, 'provider'] }
  if (!key)
    yield wrong(
      where,
      `tokens in Redis are encrypted: set the environment variable ${name}, the same for all that share them`,
      HOW,
    )
  else if (!isKey(key)) yield wrong(where, `the environment variable ${name} holds no key`, HOW)
}
