import type { Caller } from '../../core/caller.ts'
import type { Meter, Reading, Recorder, Series } from '../../core/meter.ts'
import type { OpenConnections } from '../../core/telemetry.ts'
import type { Source } from '../../core/witness.ts'
import { network } from './network.ts'

interface Open {
  readonly since: number
  readonly ended: Recorder
}

/** The sessions that clients have open. */
export class Connections {
  readonly #durations: Series
  readonly #sessions: Map<string, Open>

  /** @param before what is known of those that are open already */
  constructor(meter: Meter, before?: Connections) {
    this.#durations = meter.timing({
      name: 'mcp.server.session.duration',
      description: 'Time from initialize to the end of the session.',
    })
    this.#sessions = before === undefined ? new Map() : before.#sessions
  }

  opened({ session, version }: Caller, { transport }: Source): void {
    if (session === undefined) return
    const ended = this.#durations({ ...network(transport), 'mcp.protocol.version': version })
    this.#sessions.set(session, { since: performance.now(), ended })
  }

  closed(session: string): void {
    const open = this.#sessions.get(session)
    if (open === undefined) return
    this.#sessions.delete(session)
    open.ended((performance.now() - open.since) / 1000)
  }
}

/** What clients have open, read when it is collected. */
export function gaugeConnections(meter: Meter, server: string, read: () => OpenConnections): void {
  const description = 'Sessions and event streams that clients have open now.'
  meter.gauge({ name: 'toolhive_mcp_active_connections', description }, () => {
    const { sessions, streams } = read()
    const of = (value: number, connection_type: string): Reading => ({
      value,
      attributes: { server, connection_type },
    })
    return [of(sessions, 'session'), of(streams, 'sse')]
  })
}
