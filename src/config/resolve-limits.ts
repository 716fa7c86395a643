import type { BucketSize, Limits, RateLimitConfig, RedisConfig } from '../core/limits.ts'
import { toRedisAddress } from './redis-address.ts'
import type { RuleContext } from './rules/rule.ts'
import type { ConfigInput } from './schema/root.ts'

type LimitsInput = NonNullable<ConfigInput['rateLimiting']>
type RedisInput = NonNullable<LimitsInput['redis']>
type BucketInput = NonNullable<LimitsInput['shared']>

export function toRateLimits(input: LimitsInput, { env }: RuleContext): RateLimitConfig {
  const { tools = [], failOpen, redis } = input
  // Without a prototype: a tool may be called `constructor`.
  const byName: Record<string, Limits> = Object.create(null)
  for (const { name, ...limits } of tools) byName[name] = toLimits(limits)
  return {
    ...toLimits(input),
    namespace: env['VMCP_NAMESPACE'] ?? 'local',
    tools: byName,
    failOpen,
    redis: redis && { ...toRedis(redis), password: env['THV_SESSION_REDIS_PASSWORD'] },
  }
}

function toRedis({ address, caCertPath, ...rest }: RedisInput): RedisConfig {
  return { ...rest, ...toRedisAddress({ address, caCertPath }) }
}

function toLimits({ shared, perUser }: Pick<LimitsInput, 'shared' | 'perUser'>): Limits {
  return { shared: shared && toSize(shared), perUser: perUser && toSize(perUser) }
}

function toSize({ maxTokens, refillPeriod }: BucketInput): BucketSize {
  return { maxTokens, refillMs: refillPeriod }
}
