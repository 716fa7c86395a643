import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { Ask } from '../../../core/call.ts'
import type { Caller } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import type { CompositeStep, CompositeToolConfig } from '../../../core/composite.ts'
import { type Log, silent } from '../../../core/log.ts'
import { RawObject } from '../../../core/raw.ts'
import type { RunKeeper } from '../../../core/runs.ts'
import { FileEntries } from '../../../stores/runs/file.ts'
import { Keeper } from '../../../stores/runs/keeper.ts'
import { Vault } from '../../../stores/runs/vault.ts'
import { composition } from '../index.ts'
import { CALLER, composite, step, TestExchange, TestGateway, type TestTool, testTool } from '../testing.ts'

export const asking = (id: string, more: Partial<CompositeStep> = {}): CompositeStep =>
  ({
    type: 'elicitation',
    id,
    message: `Go on with {{.params.what}} at ${id}?`,
    schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    ...more,
  }) as CompositeStep

export const noted = (id: string, dependsOn: string[] = [], saw?: string) =>
  step(id, 'a_x', { arguments: { step: id, ...(saw !== undefined && { saw }) }, dependsOn })

const STEPS = [
  noted('plan'),
  asking('confirm', { dependsOn: ['plan'] }),
  noted('deploy', ['confirm'], '{{.steps.confirm.output.content.n}} after {{.steps.plan.output.of}}'),
]
export const DONE = { of: 'deploy', saw: '7 after plan' }
export const accept = { action: 'accept', content: { n: 7 } }

export interface Call {
  readonly exchange?: TestExchange
  readonly more?: object
  readonly caller?: Caller
  readonly args?: JsonObject
  readonly tools?: readonly TestTool[]
  readonly config?: Partial<CompositeToolConfig>
  readonly steps?: readonly CompositeStep[]
  readonly log?: Log
}

/** A client that never answers; `asked` resolves with the first question. */
export function silence(signal?: AbortSignal) {
  let tell: (ask: Ask) => void = () => {}
  const asked = new Promise<Ask>((resolve) => {
    tell = resolve
  })
  const exchange = new TestExchange((ask) => {
    tell(ask)
    return new Promise(() => {})
  }, signal)
  return { exchange, asked }
}

export const resuming = (id: string) => ({ more: { _meta: { progressToken: 1, 'dev.vmcp/resume': id } } })
export const answering = (id: string, step: string) => ({
  more: { requestState: id, inputResponses: { [`step:${step}`]: accept } },
})

/** Servers of one composite tool `m` that keep its runs in one folder, which is another one for each test. */
export function useServers(): Servers {
  const servers = new Servers()
  beforeEach(() => servers.open())
  afterEach(() => servers.close())
  return servers
}

class Servers {
  readonly #key = randomBytes(32)
  #folder = ''
  #calls: string[] = []
  #open: Keeper[] = []
  readonly #noting = testTool('a.x', (args) => {
    this.#calls.push(String(args['step']))
    return { structuredContent: { of: args['step'], saw: args['saw'] ?? null } }
  })

  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'vmcp-resume-'))
    this.#calls = []
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((keeper) => keeper.close()))
    await rm(this.#folder, { recursive: true })
  }

  get folder(): string {
    return this.#folder
  }

  /** The steps that have called their tool. */
  get calls(): readonly string[] {
    return this.#calls
  }

  /** What a server keeps its runs by; another one for each server. */
  keeper(): Keeper {
    const made = new Keeper({
      entries: new FileEntries(this.#folder),
      vault: new Vault(this.#key, 's'),
      expireMs: 60_000,
      max: 100,
      log: silent,
    })
    this.#open.push(made)
    return made
  }

  /** Calls the composite at a server of its own. */
  async call(keeping: RunKeeper, it: Call = {}): Promise<JsonObject> {
    const {
      exchange = new TestExchange(),
      more = {},
      caller = CALLER,
      args = { what: 'v7' },
      log = silent,
    } = it
    const gateway = composition([composite('m', it.steps ?? STEPS, it.config)], {
      log,
      keeper: () => keeping,
    })(new TestGateway(...(it.tools ?? [this.#noting])))
    const params = RawObject.of({ name: 'm', arguments: args, ...more })
    const resolved = await gateway.resolve(caller, { kind: 'tool', name: 'm', params }, exchange.signal)
    return (await resolved.run(exchange)).body.parse()
  }

  /** The id of a run whose server is gone while it waits. */
  async abandoned(it: Call = {}): Promise<string> {
    const { exchange, asked } = silence()
    void this.call(this.keeper(), { ...it, exchange })
    return String((await asked).run)
  }
}
