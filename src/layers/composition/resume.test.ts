import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Ask } from '../../core/call.ts'
import type { Caller } from '../../core/caller.ts'
import type { JsonObject } from '../../core/catalog.ts'
import type { CompositeStep, CompositeToolConfig } from '../../core/composite.ts'
import { GatewayError } from '../../core/errors.ts'
import { type Log, silent } from '../../core/log.ts'
import { RawObject } from '../../core/raw.ts'
import type { RunKeeper } from '../../core/runs.ts'
import { FileEntries } from '../../stores/runs/file.ts'
import { Keeper } from '../../stores/runs/keeper.ts'
import { Vault } from '../../stores/runs/vault.ts'
import { composition } from './index.ts'
import { CALLER, composite, step, TestExchange, TestGateway, type TestTool, testTool } from './testing.ts'

const key = randomBytes(32)
let folder: string
let calls: string[]
let open: Keeper[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmcp-resume-'))
  calls = []
})
afterEach(async () => {
  await Promise.all(open.map((keeper) => keeper.close()))
  open = []
  await rm(folder, { recursive: true })
})

/** What a server keeps its runs by; another one for each server. */
function keeper(): Keeper {
  const made = new Keeper({
    entries: new FileEntries(folder),
    vault: new Vault(key, 's'),
    expireMs: 60_000,
    max: 100,
    log: silent,
  })
  open.push(made)
  return made
}

/** Notes each call of it. */
const noting = testTool('a.x', (args) => {
  calls.push(String(args['step']))
  return { structuredContent: { of: args['step'], saw: args['saw'] ?? null } }
})

const asking = (id: string, more: Partial<CompositeStep> = {}): CompositeStep =>
  ({
    type: 'elicitation',
    id,
    message: `Go on with {{.params.what}} at ${id}?`,
    schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    ...more,
  }) as CompositeStep

const noted = (id: string, dependsOn: string[] = [], saw?: string) =>
  step(id, 'a_x', { arguments: { step: id, ...(saw !== undefined && { saw }) }, dependsOn })

const STEPS = [
  noted('plan'),
  asking('confirm', { dependsOn: ['plan'] }),
  noted('deploy', ['confirm'], '{{.steps.confirm.output.content.n}} after {{.steps.plan.output.of}}'),
]
const DONE = { of: 'deploy', saw: '7 after plan' }
const accept = { action: 'accept', content: { n: 7 } }

interface Call {
  readonly exchange?: TestExchange
  readonly more?: object
  readonly caller?: Caller
  readonly args?: JsonObject
  readonly tools?: readonly TestTool[]
  readonly config?: Partial<CompositeToolConfig>
  readonly steps?: readonly CompositeStep[]
  readonly log?: Log
}

/** Calls the composite at a server of its own. */
async function call(keeping: RunKeeper, it: Call = {}): Promise<JsonObject> {
  const {
    exchange = new TestExchange(),
    more = {},
    caller = CALLER,
    args = { what: 'v7' },
    log = silent,
  } = it
  const gateway = composition([composite('m', it.steps ?? STEPS, it.config)], { log, keeper: () => keeping })(
    new TestGateway(...(it.tools ?? [noting])),
  )
  const params = RawObject.of({ name: 'm', arguments: args, ...more })
  const resolved = await gateway.resolve(caller, { kind: 'tool', name: 'm', params }, exchange.signal)
  return (await resolved.run(exchange)).body.parse()
}

/** A client that never answers; `asked` resolves with the first question. */
function silence(signal?: AbortSignal) {
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

/** The id of a run whose server is gone while it waits. */
async function abandoned(it: Call = {}): Promise<string> {
  const { exchange, asked } = silence()
  void call(keeper(), { ...it, exchange })
  return String((await asked).run)
}

const resuming = (id: string) => ({ more: { _meta: { progressToken: 1, 'dev.vmcp/resume': id } } })
const answering = (id: string, step: string) => ({
  more: { requestState: id, inputResponses: { [`step:${step}`]: accept } },
})

describe('a run whose server is gone while it waits', () => {
  test('is resumed by a call that names it: its question comes again, and nothing that was done is done again', async () => {
    const id = await abandoned()
    const exchange = new TestExchange(() => accept)
    const result = await call(keeper(), { ...resuming(id), exchange })
    expect(result).toMatchObject({
      structuredContent: DONE,
      _meta: { 'dev.vmcp/report': { run: id, status: 'completed' } },
    })
    expect(calls).toEqual(['plan', 'deploy'])
    expect(exchange.asks[0]?.params.parse()).toMatchObject({
      message: 'Go on with v7 at confirm?',
      _meta: { 'dev.vmcp/run': id },
    })
    expect(exchange.progressed.map(({ message }) => message)).toContain('step 3 of 3: deploy')
    expect(await readdir(folder)).toEqual(expect.not.arrayContaining([expect.stringMatching(/run$/)]))
  })

  test('is resumed by the answer itself, where that comes with the call', async () => {
    const id = await abandoned()
    expect((await call(keeper(), answering(id, 'confirm')))['structuredContent']).toEqual(DONE)
    expect(calls).toEqual(['plan', 'deploy'])
  })

  test('asks anew where the answer that comes is not to its question', async () => {
    const id = await abandoned()
    const exchange = new TestExchange(() => accept)
    await call(keeper(), { ...answering(id, 'other'), exchange })
    expect(exchange.asks).toHaveLength(1)
  })

  test('is resumed once, however many try', async () => {
    const id = await abandoned()
    const tries = Array.from({ length: 6 }, () => call(keeper(), answering(id, 'confirm')))
    const ended = await Promise.allSettled(tries)
    const reasons = ended.flatMap((it) => (it.status === 'rejected' ? [GatewayError.from(it.reason)] : []))
    expect(reasons).toHaveLength(5)
    for (const { code, message } of reasons)
      expect({ code, message }).toEqual({
        code: 'invalid_params',
        message: expect.stringContaining(`no run "${id}" of yours`),
      })
    expect(calls).toEqual(['plan', 'deploy'])
  })

  test.each([
    [
      'by another caller',
      { caller: { ...CALLER, principal: { ...CALLER.principal, subject: 'eve' } } },
      'of yours waits here',
    ],
    ['with other arguments', { args: { what: 'v8' } }, 'was begun with other arguments'],
    [
      'with another definition',
      { config: { timeoutMs: 5 } },
      "'m' is defined in another way now than when it began",
    ],
  ])('is not resumed %s, and still waits', async (_, it, message) => {
    const id = await abandoned()
    await expect(call(keeper(), { ...answering(id, 'confirm'), ...it })).rejects.toThrow(message)
    expect(calls).toEqual(['plan'])
    expect((await call(keeper(), answering(id, 'confirm')))['structuredContent']).toEqual(DONE)
  })

  test('is not resumed by a client that could not be asked, and still waits', async () => {
    const id = await abandoned()
    const mute = { ...CALLER, capabilities: {} }
    await expect(call(keeper(), { ...resuming(id), caller: mute })).rejects.toMatchObject({
      code: 'capability_required',
      data: { requiredCapabilities: { elicitation: {} } },
    })
    expect(
      (await call(keeper(), { ...answering(id, 'confirm'), caller: mute }))['structuredContent'],
    ).toEqual(DONE)
  })

  test('is not resumed where runs are not kept, and the client is told so', async () => {
    const nothing: RunKeeper = {
      keep: async () => undefined,
      find: async () => undefined,
      orphan: async () => undefined,
    }
    await expect(call(nothing, resuming('x'))).rejects.toThrow('no run "x" of yours waits here')
  })
})

describe('a call of what a run with the same arguments waits for', () => {
  const choosing = (choice: string | undefined) =>
    new TestExchange((ask) =>
      ask.run !== undefined
        ? accept
        : choice === undefined
          ? { action: 'decline' }
          : { action: 'accept', content: { choice } },
    )

  async function orphan(): Promise<string> {
    const first = keeper()
    const controller = new AbortController()
    const { exchange, asked } = silence(controller.signal)
    const ended = call(first, { exchange }).catch(() => {})
    const { run } = await asked
    controller.abort(new GatewayError('unavailable', 'the server is shutting down'))
    await ended
    await first.close()
    return String(run)
  }

  test('offers to go on with it, and does', async () => {
    const id = await orphan()
    const exchange = choosing('go on with it')
    const result = await call(keeper(), { exchange })
    expect(exchange.asks[0]?.params.parse()).toMatchObject({
      message: expect.stringMatching(
        /^A run of 'm' with the same arguments, begun at 20.* was interrupted .*step 'confirm'/,
      ),
    })
    expect(result).toMatchObject({ structuredContent: DONE, _meta: { 'dev.vmcp/report': { run: id } } })
    expect(calls).toEqual(['plan', 'deploy'])
  })

  test('begins anew where the user wants that, and offers it no more', async () => {
    await orphan()
    await call(keeper(), { exchange: choosing('begin anew') })
    expect(calls).toEqual(['plan', 'plan', 'deploy'])
    const exchange = choosing('begin anew')
    await call(keeper(), { exchange })
    expect(exchange.asks).toHaveLength(1)
  })

  test('does nothing where the user wants neither', async () => {
    await orphan()
    await expect(call(keeper(), { exchange: choosing(undefined) })).rejects.toThrow('chose neither')
    expect(calls).toEqual(['plan'])
  })

  test('offers nothing while a server waits with the run', async () => {
    await abandoned()
    const exchange = choosing('go on with it')
    await call(keeper(), { exchange })
    expect(exchange.asks).toHaveLength(1)
    expect(calls).toEqual(['plan', 'plan', 'deploy'])
  })
})

describe('a run that waits', () => {
  test('ends where it was resumed elsewhere, with all that is under way, though its client answers too', async () => {
    let answer: (it: JsonObject) => void = () => {}
    let tell: (id: string) => void = () => {}
    const asked = new Promise<string>((resolve) => {
      tell = resolve
    })
    const exchange = new TestExchange((ask) => {
      tell(String(ask.run))
      return new Promise((resolve) => {
        answer = resolve
      })
    })
    const ended = call(keeper(), { exchange })
    const id = await asked
    await call(keeper(), answering(id, 'confirm'))
    answer(accept)
    expect(await ended).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining(`run ${id} does not go on here: it was resumed elsewhere`) }],
    })
    expect(calls).toEqual(['plan', 'deploy'])
  })

  test('does not go on by itself where it was resumed elsewhere before it gave up waiting', async () => {
    const { exchange, asked } = silence()
    const steps = [
      asking('confirm', { timeoutMs: 200, onCancel: 'continue' } as object),
      noted('deploy', ['confirm']),
    ]
    const ended = call(keeper(), { exchange, steps })
    const id = String((await asked).run)
    await call(keeper(), { ...answering(id, 'confirm'), steps })
    expect(await ended).toMatchObject({ isError: true })
    expect(calls).toEqual(['deploy'])
  })

  test('is kept no longer once it is answered, declined, timed out or cancelled', async () => {
    const steps = [asking('confirm', { timeoutMs: 50 } as object)]
    for (const answer of [() => accept, () => ({ action: 'decline' }), () => new Promise<never>(() => {})]) {
      const here = keeper()
      await call(here, { exchange: new TestExchange(answer), steps })
      expect(await here.all()).toEqual([])
    }
    const controller = new AbortController()
    const { exchange, asked } = silence(controller.signal)
    const here = keeper()
    const ended = call(here, { exchange })
    await asked
    expect(await here.all()).toHaveLength(1)
    controller.abort()
    await expect(ended).rejects.toThrow('cancelled')
    expect(await here.all()).toEqual([])
  })

  test('waits all the same where it cannot be kept, and the log says why', async () => {
    const broken: RunKeeper = {
      keep: () => Promise.reject(new Error('the disk is full')),
      find: () => Promise.reject(new Error('the disk is full')),
      orphan: () => Promise.reject(new Error('the disk is full')),
    }
    const said: string[] = []
    const log: Log = { ...silent, warn: (_, message) => void said.push(message) }
    const exchange = new TestExchange(() => accept)
    expect((await call(broken, { exchange, log }))['structuredContent']).toEqual(DONE)
    expect(said).toEqual([
      'whether a run waits to be resumed cannot be told',
      'a run that waits could not be kept',
    ])
    await expect(call(broken, resuming('x'))).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('does not go on with an answer while its store does not say that it may, and can be resumed after', async () => {
    const real = keeper()
    let isDown = false
    const fragile: RunKeeper = {
      find: (...it) => real.find(...it),
      orphan: (...it) => real.orphan(...it),
      async keep(...it) {
        const hold = await real.keep(...it)
        const guarded = async <T>(work: () => Promise<T>) => {
          if (isDown) throw new Error('no connection')
          return work()
        }
        return (
          hold && {
            ...hold,
            release: () => guarded(hold.release),
            update: (run) => guarded(() => hold.update(run)),
          }
        )
      },
    }
    const exchange = new TestExchange(() => {
      isDown = true
      return accept
    })
    const failed = await call(fragile, { exchange })
    expect(failed).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('the store of runs does not say') }],
    })
    expect(calls).toEqual(['plan'])
    const id = String(exchange.asks[0]?.run)
    expect((await call(keeper(), answering(id, 'confirm')))['structuredContent']).toEqual(DONE)
  })
})
