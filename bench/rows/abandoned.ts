import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import type { Child } from '../../test/fixtures/child.ts'
import type { BackendEntry } from '../../test/fixtures/config.ts'
import type { Stats } from '../../test/fixtures/wire/http.ts'
import { fiveBackends } from '../backends.ts'
import type { Bench, Figure, Row } from '../bench.ts'
import { collectable, heldBytes, openSessions } from '../sessions.ts'

const MB = 1024 * 1024
const SESSIONS = 1000
const WARM_UP = 200
const TTL_MS = 3000
const PATIENCE_MS = 30_000

/** Sessions opened, used, and abandoned without DELETE: what is left of them once they have expired. */
export const abandoned: Row = {
  name: 'abandoned',
  async run(bench: Bench): Promise<Figure[]> {
    const backends = await fiveBackends(bench, 'legacy')
    const tools = backends.map(({ name }) => `${name}_echo`)
    const gateway = await collectable(bench, backends, ['--session-ttl', `${TTL_MS}ms`])
    await openSessions(bench, gateway.ready, { count: WARM_UP, tools, afterwards: 'leave' })
    await untilExpired(backends)
    const before = await heldBytes(gateway)
    await openSessions(bench, gateway.ready, { count: SESSIONS, tools, afterwards: 'leave' })
    const peak = await heldBytes(gateway)
    const left = await untilExpired(backends)
    const after = await settled(gateway, before * 1.05)
    return [
      {
        what: `memory after ${SESSIONS} abandoned sessions have expired, to before`,
        measured: after / before,
        limit: 1.1,
        unit: '×',
        detail: `RSS ${mb(before)} → ${mb(peak)} → ${mb(after)} MB; ${left} sessions left at the backends`,
      },
    ]
  },
}

/** Waits until the backends have no more sessions than the gateway's own; returns how many that are. */
async function untilExpired(backends: readonly BackendEntry[]): Promise<number> {
  await delay(TTL_MS + 1000)
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    let sessions = 0
    for (const { url } of backends) {
      const { body } = await request(new URL('/stats', url))
      sessions += ((await body.json()) as Stats).sessions
    }
    if (sessions <= backends.length || performance.now() > deadline) return sessions
    await delay(500)
  }
}

async function settled(gateway: Child, goal: number): Promise<number> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const held = await heldBytes(gateway)
    if (held <= goal || performance.now() > deadline) return held
  }
}

function mb(bytes: number): string {
  return (bytes / MB).toFixed(1)
}
