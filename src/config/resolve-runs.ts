import { join } from 'node:path'
import type { RunsConfig } from '../core/runs.ts'
import { toRedisAddress } from './redis-address.ts'
import type { RuleContext } from './rules/rule.ts'
import type { ConfigInput } from './schema/root.ts'

type RunsInput = NonNullable<ConfigInput['workflowRuns']>

export function toRuns(input: RunsInput, context: RuleContext): RunsConfig {
  const { store, expireAfter, maxRuns } = input
  const shared = { key: keyOf(input, context), expireMs: expireAfter, max: maxRuns }
  if (store.type === 'file') return { ...shared, store }
  const password = context.env['THV_SESSION_REDIS_PASSWORD']
  const { address, caCertPath, ...rest } = store
  return { ...shared, store: { ...rest, ...toRedisAddress({ address, caCertPath }), password } }
}

function keyOf({ store, keyFile, keyEnv }: RunsInput, { env }: RuleContext): RunsConfig['key'] {
  if (keyEnv !== undefined) return { text: env[keyEnv] ?? '', place: `the environment variable ${keyEnv}` }
  return { file: keyFile ?? join(store.type === 'file' ? store.path : '.', 'key') }
}
