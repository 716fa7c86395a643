import type { Finding } from '../backends/checkup/index.ts'
import type { BackendConfig } from '../core/config.ts'
import { type Backend, lastReady } from '../core/ports.ts'
import type { Running } from '../running.ts'

export interface Diagnosis {
  readonly backend: string
  readonly works: boolean
  /** Until it was connected and had listed. */
  readonly tookMs?: number
  readonly era?: string
  readonly revision?: string
  readonly tools?: number
  /** It shows what it has to callers alone, who come with credentials of their own. */
  readonly reserved?: true
  /** Absent where all is well. */
  readonly finding?: Finding
}

export interface DoctorOptions {
  /** For a backend to answer. */
  readonly waitMs: number
  readonly signal: AbortSignal
}

/** It works, and people wait for it. */
const SLOW_MS = 5_000

/** Waits for the backends of a gateway that has just been made, and finds out what is wrong with each that fails. */
export async function diagnose(running: Running, options: DoctorOptions): Promise<Diagnosis[]> {
  const took = await timesOf(running.backends, options)
  const configs = new Map(running.config.backends.map((config) => [config.name, config]))
  return Promise.all(
    running.backends.all.map((backend) => {
      const config = configs.get(backend.name) as BackendConfig
      return isThere(backend)
        ? well(backend, took.get(backend.name) ?? 0)
        : ill(backend, config, options.waitMs)
    }),
  )
}

/** When each was ready, in milliseconds from now on. Those are given up that have failed, or take too long. */
async function timesOf(
  backends: Running['backends'],
  { waitMs, signal }: DoctorOptions,
): Promise<ReadonlyMap<string, number>> {
  const began = performance.now()
  const times = new Map<string, number>()
  const done = new AbortController()
  const timer = setTimeout(() => done.abort(), waitMs)
  const note = () => {
    for (const { name, state } of backends.all)
      if (isThere({ state }) && !times.has(name)) times.set(name, performance.now() - began)
    if (backends.all.every(({ state }) => state.status !== 'connecting')) done.abort()
  }
  const changes = backends.watch(AbortSignal.any([done.signal, signal]))
  note()
  for await (const _ of changes) note()
  clearTimeout(timer)
  return times
}

/** A server that wants credentials of callers is all that can be seen from here. */
function isThere({ state }: Pick<Backend, 'state'>): boolean {
  return state.status === 'ready' || state.status === 'reserved'
}

function well(backend: Backend, tookMs: number): Diagnosis {
  const { state } = backend
  const ready = lastReady(state)
  const seconds = (tookMs / 1000).toFixed(1)
  return {
    backend: backend.name,
    works: true,
    tookMs: Math.round(tookMs),
    ...(state.status === 'reserved' && { reserved: true as const }),
    ...(ready && { era: ready.server.era, revision: ready.server.version, tools: ready.offer.tools.length }),
    ...(tookMs > SLOW_MS && {
      finding: {
        problem: 'slow',
        seen: `it took ${seconds} s to connect and list`,
        mend: 'clients that come meanwhile wait, or do without it; see what the server does at its start',
      },
    }),
  }
}

async function ill(backend: Backend, config: BackendConfig, waitMs: number): Promise<Diagnosis> {
  const { checkUp } = await import('../backends/checkup/index.ts')
  const { name: of, state } = backend
  const finding = await checkUp(config, waitMs).catch(() => undefined)
  return { backend: of, works: false, finding: finding ?? unexplained(state) }
}

/** What the connection itself has to say, where it fails for a reason that a first word does not show. */
function unexplained(state: Backend['state']): Finding {
  const seen =
    state.status === 'failed' ? state.error.message : 'it answers, and could not be connected in time'
  return { problem: 'other', seen, mend: 'see the log of the server; --log-level debug shows more of ours' }
}
