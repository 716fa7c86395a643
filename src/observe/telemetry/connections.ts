import type { Caller } from '../../core/caller.ts'
import type { Meter, Reading, Recorder, Series } from '../../core/meter.ts'
import type { Source } from '../../core/witness.ts'
import { network } from './network.ts'

interface Open {
  readonly since: number
  readonly ended: Recorder
}

type Transport = Source['transport']

/** The sessions and streams that clients have open. */
export class Connections {
  readonly #server: string
  readonly #durations: Series
  readonly #sessions = new Map<string, Open>()
  readonly #streams: Record<Transport, number> = { http: 0, stdio: 0 }

  constructor(meter: Meter, server: string) {
    this.#server = server
    this.#durations = meter.timing({
      name: 'mcp.server.session.duration',
      description: 'Time from initialize to the end of the session.',
    })
    const description = 'Sessions and event streams that clients have open now.'
    meter.gauge({ name: 'toolhive_mcp_active_connections', description }, () => this.#read())
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

  /** Counts an open stream. Returns what ends it. */
  stream({ transport }: Source): () => void {
    this.#streams[transport]++
    return () => {
      this.#streams[transport]--
    }
  }

  *#read(): Iterable<Reading> {
    const { http, stdio } = this.#streams
    const of = (connection_type: string) => ({ server: this.#server, connection_type })
    yield { value: this.#sessions.size, attributes: of('session') }
    yield { value: http + stdio, attributes: of('sse') }
  }
}
