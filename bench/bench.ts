import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '../test/fixtures/child.ts'
import { type BackendEntry, config } from '../test/fixtures/config.ts'
import { ROOT } from '../test/fixtures/root.ts'
import { Stage } from '../test/fixtures/stage.ts'
import { fire, type Load } from './load.ts'
import { cpuNanos } from './process.ts'

export interface BenchOptions {
  readonly rounds: number
  readonly profile: boolean
  readonly catalog: string | undefined
}

/** One figure with its limit; without a limit it is for information. */
export interface Figure {
  readonly what: string
  readonly measured: number
  readonly limit?: number
  readonly unit: '×' | 'µs' | 'ms' | 'MB' | 'KB' | 'calls'
  /** The figures that it was made from. */
  readonly detail: string
}

/** One line of the table of what the gateway promises. */
export interface Row {
  readonly name: string
  readonly run: (bench: Bench) => Promise<Figure[]>
}

/** A process under a load, of which the CPU time per call is taken. */
export interface Worker {
  readonly pid: number
  readonly load: Load | Work
}

/** Who is compared. */
export interface Contender extends Worker {
  readonly name: string
}

/** What is compared closely: `start` is called for each set, and what it has started ends with the set. */
export interface Kind {
  readonly name: string
  readonly start: (set: Bench) => Promise<Worker>
}

/** Resolves with how often it did what is measured. */
export type Work = () => Promise<number>

/** CPU time per call, in microseconds: one figure for each round, or for each set. */
export type Rounds = Readonly<Record<string, readonly number[]>>

/** Starts what a row needs; `close` ends it all. */
export class Bench extends Stage {
  readonly options: BenchOptions

  constructor(options: BenchOptions) {
    super()
    this.options = options
  }

  async tool(file: string, argument: string): Promise<Child> {
    const args = [join(ROOT, '.cache/tools/bench', file), argument]
    return this.child(await startChild({ args, ready: (line) => (JSON.parse(line) as { url: string }).url }))
  }

  proxy(url: string): Promise<Child> {
    return this.tool('proxy.js', url)
  }

  /** The gateway over these backends, prefix `{workload}_`; `blocks` are further ones of the configuration. */
  over(
    backends: readonly BackendEntry[],
    { blocks, ...more }: { blocks?: object; args?: string[]; nodeArgs?: string[] } = {},
  ): Promise<Child> {
    const nodeArgs = [...(more.nodeArgs ?? []), ...this.#profiling()]
    return this.gateway({ config: config(backends, blocks), ...more, nodeArgs })
  }

  #profiling(): string[] {
    if (!this.options.profile) return []
    const folder = join(ROOT, '.cache/profiles')
    mkdirSync(folder, { recursive: true })
    return ['--cpu-prof', `--cpu-prof-dir=${folder}`]
  }

  /**
   * CPU per call of each contender, in rounds that alternate between them, so that what else the machine does
   * falls on all of them.
   */
  async compare(contenders: readonly Contender[]): Promise<Rounds> {
    for (const { load } of contenders) for (let i = 0; i < WARM_UPS; i++) await perform(load)
    return byName(contenders, await this.#measure(contenders, this.options.rounds))
  }

  /**
   * The same of kinds that differ by a few microseconds: V8 makes other code and another heap of a program in each
   * process, so that a call costs up to 10 µs more in one than in the next. Processes of each kind are therefore started
   * anew for each set. In a set, what else the machine does can only add to what a round costs, so that it is the lower
   * quartile of its rounds that counts.
   */
  async compareClosely(kinds: readonly Kind[]): Promise<Rounds> {
    const figures: number[][] = kinds.map(() => [])
    for (let at = 0; at < SETS; at++) {
      const set = new Bench(this.options)
      try {
        const workers = await Promise.all(kinds.map(({ start }) => start(set)))
        for (const { load } of workers) for (let i = 0; i < LONG_WARM_UPS; i++) await perform(load)
        const rounds = await this.#measure(workers, CLOSE_ROUNDS, true)
        for (const [kind, values] of rounds.entries()) figures[kind]?.push(quantile(values, 0.25))
      } finally {
        await set.close()
      }
    }
    return byName(kinds, figures)
  }

  /**
   * The figures of each worker. Their order is another in each round, so that nothing keeps time with it.
   * @param busy whether each is at work before it is measured: V8 takes memory away from a process that rests
   */
  async #measure(workers: readonly Worker[], rounds: number, busy = false): Promise<number[][]> {
    const figures: number[][] = workers.map(() => [])
    for (let round = 0; round < rounds; round++) {
      for (const [at, { pid, load }] of shuffled([...workers.entries()])) {
        if (busy) await perform(load)
        const before = cpuNanos(pid)
        const count = await perform(load)
        figures[at]?.push((cpuNanos(pid) - before) / 1000 / count)
      }
    }
    return figures
  }
}

const WARM_UPS = 3
/** Until what is done for one call in twenty has been compiled too. */
const LONG_WARM_UPS = 8
const CLOSE_ROUNDS = 8
/** So many that the median of their differences is known to 2 µs on a quiet machine. */
const SETS = 16

/** Fisher and Yates. */
function shuffled<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const at = Math.floor(Math.random() * (last + 1))
    const kept = items[last] as T
    items[last] = items[at] as T
    items[at] = kept
  }
  return items
}

function byName(named: readonly { readonly name: string }[], figures: readonly number[][]): Rounds {
  return Object.fromEntries(named.map(({ name }, at) => [name, figures[at] ?? []]))
}

/** A process that serves MCP, and the calls that it is to answer. */
export function under(load: Omit<Load, 'url'>, { pid, ready: url }: Child): Worker {
  return { pid, load: { url, ...load } }
}

async function perform(load: Load | Work): Promise<number> {
  if (typeof load === 'function') return load()
  await fire(load)
  return load.count
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Between two values, what lies between them in proportion. @param share 0 to 1 */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  return below + ((sorted[Math.ceil(place)] ?? Number.NaN) - below) * (place % 1)
}

export interface Pair {
  readonly of: string
  readonly to: string
  readonly limit?: number
}

/** The median of the differences of each round, in microseconds a call. */
export function difference(what: string, rounds: Rounds, pair: Pair): Figure {
  const to = rounds[pair.to] ?? []
  const differences = (rounds[pair.of] ?? []).map((value, round) => value - (to[round] as number))
  const spread = `${Math.min(...differences).toFixed(1)}–${Math.max(...differences).toFixed(1)}`
  return {
    what,
    measured: median(differences),
    unit: 'µs',
    detail: `${mediansOf(rounds, pair)}; each ${spread}`,
    ...(pair.limit !== undefined && { limit: pair.limit }),
  }
}

function mediansOf(rounds: Rounds, pair: Pair): string {
  return [pair.of, pair.to].map((name) => `${name} ${median(rounds[name] ?? []).toFixed(1)} µs`).join(', ')
}

/** The median of the ratios of each round, with the medians that it compares. */
export function ratio(what: string, rounds: Rounds, pair: Pair): Figure {
  const of = rounds[pair.of] ?? []
  const to = rounds[pair.to] ?? []
  const ratios = of.map((value, round) => value / (to[round] as number))
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  return {
    what,
    measured: median(ratios),
    unit: '×',
    detail: `${mediansOf(rounds, pair)}; each ${spread}`,
    ...(pair.limit !== undefined && { limit: pair.limit }),
  }
}
