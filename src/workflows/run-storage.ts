import { isDeepStrictEqual } from 'node:util'
import type { GatewayConfig } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import type { Part, Prepared } from '../core/part.ts'
import type { Running } from '../running.ts'
import type { RunStore } from './runs.ts'

/** Has runs kept where the configuration wants them to be. */
export class RunStorage implements Part {
  readonly #runs: Running['runs']
  readonly #log: Log
  #settings: unknown

  private constructor({ runs }: Running, log: Log) {
    this.#runs = runs
    this.#log = log
  }

  /** @throws GatewayError `config` where there is no key to be had */
  static open(running: Running, log: Log): Promise<RunStorage> {
    return running.join(async (config) => {
      const storage = new RunStorage(running, log)
      const prepared = await storage.prepare(config)
      prepared?.commit()
      return storage
    })
  }

  /** @throws GatewayError `config` where there is no key to be had */
  async prepare(config: GatewayConfig): Promise<Prepared | undefined> {
    const { workflowRuns, name } = config
    const settings = workflowRuns && { workflowRuns, name }
    if (isDeepStrictEqual(settings, this.#settings)) return undefined
    const next = await openStore(config, this.#log)
    return {
      commit: () => {
        const before = this.#runs.store
        this.#runs.store = next
        this.#settings = settings
        // What waits there is answered there.
        before?.retire()
      },
      discard: async () => next?.close(),
    }
  }
}

async function openStore({ workflowRuns, name }: GatewayConfig, log: Log): Promise<RunStore | undefined> {
  if (workflowRuns === undefined) return undefined
  const { openRuns } = await import('../stores/runs/index.ts')
  return openRuns(workflowRuns, { server: name, log })
}
