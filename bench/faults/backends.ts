import type { BackendEntry } from '../../test/fixtures/config.ts'
import { type ServerFlags, type Stage, serverCommand } from '../../test/fixtures/stage.ts'
import { ToxicProxy } from '../../test/fixtures/toxic.ts'

const KINDS: readonly ServerFlags[] = [
  { era: 'modern', transport: 'http' },
  { era: 'legacy', transport: 'http', reply: 'json' },
  { era: 'legacy', transport: 'http', reply: 'sse' },
  { era: 'legacy', transport: 'sse' },
  { era: 'modern', transport: 'stdio' },
  { era: 'legacy', transport: 'stdio' },
]
const FAULTY_KINDS = KINDS.slice(0, 4)

/** Backends of every kind in turn, named g0, g1, … */
export async function startGood(stage: Stage, count: number): Promise<BackendEntry[]> {
  const started = Array.from({ length: count }, async (_, at): Promise<BackendEntry> => {
    const flags = { ...(KINDS[at % KINDS.length] as ServerFlags), id: `g${at}` }
    if (flags.transport === 'stdio')
      return { name: flags.id, transport: 'stdio', ...serverCommand('wire:echo', flags) }
    return {
      name: flags.id,
      transport: transportOf(flags),
      url: (await stage.server('wire:echo', flags)).ready,
    }
  })
  return Promise.all(started)
}

/** A backend behind a wire that can be made bad. */
export interface FaultyBackend {
  readonly entry: BackendEntry
  readonly wire: ToxicProxy
}

/** Named f0, f1, … */
export async function startFaulty(stage: Stage, count: number): Promise<FaultyBackend[]> {
  const started = Array.from({ length: count }, async (_, at): Promise<FaultyBackend> => {
    const flags = { ...(FAULTY_KINDS[at % FAULTY_KINDS.length] as ServerFlags), id: `f${at}` }
    const server = await stage.server('wire:echo', flags)
    const wire = await ToxicProxy.to(server.ready)
    stage.defer(() => wire.close())
    return { entry: { name: flags.id, transport: transportOf(flags), url: wire.url }, wire }
  })
  return Promise.all(started)
}

function transportOf({ transport }: ServerFlags): 'sse' | 'streamable-http' {
  return transport === 'sse' ? 'sse' : 'streamable-http'
}
