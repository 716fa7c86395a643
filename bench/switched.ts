import { writeFile } from 'node:fs/promises'
import { RawClient } from '../test/fixtures/client.ts'
import { type BackendEntry, config } from '../test/fixtures/config.ts'
import type { Bench, Contender } from './bench.ts'
import { fire, type Load } from './load.ts'

const PROCESSES = 3
const APPLIED_MS = 10_000

export interface Switching {
  readonly backends: readonly BackendEntry[]
  /** Blocks of the configuration that each kind has besides. */
  readonly kinds: Readonly<Record<string, object>>
  readonly loadOf: (url: string) => Load | Promise<Load>
}

/**
 * Kinds of configuration that the same processes take by turns, live. Between two processes of one kind a call differs
 * by more than what is compared here, since V8 makes other code and another heap of the program in each.
 */
export async function switched(bench: Bench, { backends, kinds, loadOf }: Switching): Promise<Contender[]> {
  const [first = {}] = Object.values(kinds)
  const gateways = await Promise.all(
    Array.from({ length: PROCESSES }, async () => {
      const gateway = await Switched.start(bench, backends, first)
      return { gateway, load: await loadOf(gateway.url) }
    }),
  )
  return gateways.flatMap(({ gateway, load }) =>
    Object.entries(kinds).map(([name, blocks]) => ({
      ...{ name, pid: gateway.pid, load },
      prepare: async () => {
        if (await gateway.become(blocks)) await fire(load)
      },
    })),
  )
}

class Switched {
  readonly pid: number
  readonly url: string
  readonly #file: string
  readonly #backends: readonly BackendEntry[]
  #blocks: object

  private constructor({ pid, url, file, backends, blocks }: Started) {
    this.pid = pid
    this.url = url
    this.#file = file
    this.#backends = backends
    this.#blocks = blocks
  }

  static async start(bench: Bench, backends: readonly BackendEntry[], blocks: object): Promise<Switched> {
    const file = await bench.file('switched.yaml', config(backends, blocks))
    const { pid, ready: url } = await bench.gateway({ args: ['--config', file] })
    return new Switched({ pid, url, file, backends, blocks })
  }

  /** Resolves when the gateway has taken the configuration, with whether it had another. */
  async become(blocks: object): Promise<boolean> {
    if (blocks === this.#blocks) return false
    this.#blocks = blocks
    const before = await this.#generation()
    await writeFile(this.#file, JSON.stringify(config(this.#backends, blocks)))
    const deadline = performance.now() + APPLIED_MS
    while ((await this.#generation()) === before) {
      if (performance.now() > deadline) throw new Error(`${this.#file} is not applied`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return true
  }

  async #generation(): Promise<number> {
    const raw = new RawClient(this.url)
    try {
      const { text } = await raw.send({ method: 'GET', path: '/status' })
      return (JSON.parse(text) as { configuration: { generation: number } }).configuration.generation
    } finally {
      await raw.close()
    }
  }
}

interface Started {
  readonly pid: number
  readonly url: string
  readonly file: string
  readonly backends: readonly BackendEntry[]
  readonly blocks: object
}
