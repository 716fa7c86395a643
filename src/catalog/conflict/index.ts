import type { ConflictStrategy } from '../../core/config.ts'
import type { ConflictPlugin, NamingRules } from './claim.ts'
import { manual } from './manual.ts'
import { prefix } from './prefix.ts'
import { priority } from './priority.ts'

export const CONFLICT_STRATEGIES: readonly ConflictPlugin[] = [prefix, priority, manual]

export function namingRules(strategy: ConflictStrategy): NamingRules {
  const plugin = CONFLICT_STRATEGIES.find(({ type }) => type === strategy.type)
  if (plugin === undefined) throw new TypeError(`unknown conflict strategy ${JSON.stringify(strategy)}`)
  return plugin.create(strategy)
}
