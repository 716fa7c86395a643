import type { Conflict } from '../catalog/index.ts'
import type { GatewayConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Backends, Offer } from '../core/ports.ts'

export function offersOf({ all }: Backends): Map<string, Offer> {
  return new Map(
    all.flatMap(({ name, state }) => (state.status === 'ready' ? [[name, state.offer] as const] : [])),
  )
}

/** Names that several backends claim and that the configuration leaves to a person. One sentence each. */
export async function undecided({ aggregation }: GatewayConfig, backends: Backends): Promise<string[]> {
  if (aggregation.strategy.type !== 'manual') return []
  const { aggregate } = await import('../catalog/index.ts')
  const contributions = [...offersOf(backends)].map(([backend, offer]) => ({ backend, offer }))
  return aggregate(contributions, aggregation).conflicts.map(sentence)
}

function sentence({ kind, name, backends }: Conflict): string {
  return `${kind} '${name}' is offered by ${backends.join(' and ')}: give it another name in all but one of them, under aggregation.tools[].overrides`
}

/** @throws GatewayError `conflict` that lists all of them */
export async function refuseUndecided(config: GatewayConfig, backends: Backends): Promise<void> {
  const conflicts = await undecided(config, backends)
  if (conflicts.length > 0) throw new GatewayError('conflict', conflicts.join('\n'))
}
