import { setTimeout as delay } from 'node:timers/promises'
import { fiveBackends } from '../backends.ts'
import type { Bench, Figure, Row } from '../bench.ts'
import { rssBytes } from '../process.ts'
import { collectable, heldBytes, openSessions } from '../sessions.ts'
import { untilListed } from './ready.ts'

const MB = 1024 * 1024
const SESSIONS = 1000
const WARM_UP = 200
const STREAMS = 300

/** Memory of an idle gateway, as it is; and what each open session adds, garbage aside. */
export const memory: Row = {
  name: 'memory',
  async run(bench: Bench): Promise<Figure[]> {
    const backends = await fiveBackends(bench, 'legacy')
    const idle = await bench.over(backends)
    await untilListed(idle.ready, backends.length)
    await delay(2000)
    const idleBytes = rssBytes(idle.pid)
    await idle.stop()
    const tools = backends.map(({ name }) => `${name}_echo`)
    const gateway = await collectable(bench, backends)
    await openSessions(bench, gateway.ready, { count: WARM_UP, tools, afterwards: 'end' })
    const before = await heldBytes(gateway)
    await openSessions(bench, gateway.ready, { count: SESSIONS, tools, afterwards: 'leave' })
    const raw = rssBytes(gateway.pid)
    const after = await heldBytes(gateway)
    await openSessions(bench, gateway.ready, { count: STREAMS, tools, afterwards: 'stream' })
    const streaming = await heldBytes(gateway)
    return [
      {
        what: 'memory when idle, 5 HTTP backends',
        measured: idleBytes / MB,
        limit: 90,
        unit: 'MB',
        detail: 'RSS',
      },
      {
        what: 'memory per open legacy session, 5 HTTP backends used',
        measured: (after - before) / SESSIONS / 1024,
        limit: 60,
        unit: 'KB',
        detail: `${SESSIONS} sessions: RSS ${mb(before)} → ${mb(after)} MB (${mb(raw)} before collection)`,
      },
      {
        what: 'the same, with its GET stream open',
        measured: (streaming - after) / STREAMS / 1024,
        unit: 'KB',
        detail: `${STREAMS} sessions more: RSS ${mb(streaming)} MB`,
      },
    ]
  },
}

function mb(bytes: number): string {
  return (bytes / MB).toFixed(1)
}
