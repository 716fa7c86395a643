import type { BackendEntry } from '../fixtures/config.ts'
import { isAlive } from '../fixtures/processes.ts'
import type { Child, ServerFlags, Stage } from '../fixtures/stage.ts'
import { serverCommand } from '../fixtures/stage.ts'

/** One of the servers that the soak test kills now and then. */
export interface SoakBackend {
  readonly id: string
  readonly entry: BackendEntry
  /** Kills it, and starts it again where that is not the gateway's business; `pid` is who answered last. */
  restart(pid: number): Promise<void>
}

const KINDS: readonly ServerFlags[] = [
  { era: 'modern', transport: 'http' },
  { era: 'legacy', transport: 'http', reply: 'json' },
  { era: 'legacy', transport: 'http', reply: 'sse' },
  { era: 'legacy', transport: 'sse' },
  { era: 'modern', transport: 'stdio' },
  { era: 'legacy', transport: 'stdio' },
]

/** So many backends, of every transport and era in turn. */
export function startBackends(stage: Stage, count: number): Promise<SoakBackend[]> {
  const started = Array.from({ length: count }, (_, i) => {
    const flags = { ...(KINDS[i % KINDS.length] as ServerFlags), id: `b${i}` }
    return flags.transport === 'stdio' ? stdioBackend(flags) : httpBackend(stage, flags)
  })
  return Promise.all(started)
}

function stdioBackend(flags: ServerFlags & { id: string }): SoakBackend {
  return {
    id: flags.id,
    entry: { name: flags.id, transport: 'stdio', ...serverCommand('wire:echo', flags) },
    // The gateway starts it again. One of several sessions may have had a process of its own that is gone already.
    async restart(pid) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    },
  }
}

async function httpBackend(stage: Stage, flags: ServerFlags & { id: string }): Promise<SoakBackend> {
  let child: Child = await stage.server('wire:echo', flags)
  const port = Number(new URL(child.ready).port)
  const transport = flags.transport === 'sse' ? 'sse' : 'streamable-http'
  return {
    id: flags.id,
    entry: { name: flags.id, transport, url: child.ready },
    async restart() {
      await child.stop('SIGKILL')
      child = await stage.server('wire:echo', { ...flags, port })
    },
  }
}
