import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import type { Backend } from '../../../core/ports.ts'
import {
  exchange,
  failed,
  legacyCaller,
  modernCaller,
  ready,
  Stage,
  stdioConfig,
  textOf,
  toolCall,
  until,
} from '../../testing.ts'

const stage = closedAfterEach(new Stage())

async function run(
  backend: Backend,
  name: string,
  args: object = {},
  options: { caller?: ReturnType<typeof legacyCaller>; ex?: ReturnType<typeof exchange>; meta?: object } = {},
) {
  const request = { caller: options.caller ?? modernCaller(), ...toolCall(name, args, options.meta) }
  const { body } = await backend.run(request, options.ex ?? exchange())
  return textOf(body)
}

const echo = (backend: Backend, text: string) => run(backend, 'echo', { text })

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const stderr = () =>
  stage.log.lines.filter((line) => line.fields['stream'] === 'stderr').map((it) => it.message)

describe.each([
  ['legacy', 'legacy', '2025-11-25'],
  ['modern', 'modern', '2026-07-28'],
])('a %s child', (era, script, version) => {
  it('is found out, listed and called, many times at once', async () => {
    const backend = await stage.backend(stdioConfig(script))
    const { server, offer } = await ready(backend)
    expect(server).toMatchObject({ era, version, info: { name: `stdio-${era}` } })
    expect(offer.tools.map((tool) => tool['name'])).toContain('echo')
    const texts = Array.from({ length: 200 }, (_, i) => `line\n${i} ä`)
    expect(await Promise.all(texts.map((text) => echo(backend, text)))).toEqual(
      texts.map((it) => JSON.stringify(it)),
    )
  })

  it('has its progress relayed to the call that it is about', async () => {
    const backend = await stage.backend(stdioConfig(script))
    const exs = Array.from({ length: 5 }, () => exchange())
    await Promise.all(exs.map((ex) => run(backend, 'progress', {}, { ex, meta: { progressToken: 'same' } })))
    for (const ex of exs) expect(ex.progressed).toMatchObject([{ progress: 1 }])
  })

  it('hears of a cancelled call', async () => {
    const backend = await stage.backend(stdioConfig(script))
    const stop = new AbortController()
    const result = run(backend, 'wait', {}, { ex: exchange({ signal: stop.signal }) })
    setTimeout(() => stop.abort(), 50)
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    await until(() => stderr().includes('was cancelled'))
  })

  it('is started again when it ends, and calls made meanwhile wait for it', async () => {
    const backend = await stage.backend(stdioConfig(script))
    const { offer } = await ready(backend)
    const hit = run(backend, 'exit')
    await expect(hit).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/exited with code 7.*may or may not/s),
    })
    const state = backend.state
    expect(state.status === 'failed' && state.last?.offer).toEqual(offer)
    expect(await echo(backend, 'back')).toBe('"back"')
  })
})

describe('a child', () => {
  it('is one per client session where it is legacy, and ends with the session', async () => {
    const backends = stage.backends([stdioConfig('legacy')])
    const backend = backends.all[0] as Backend
    await ready(backend)
    const pidOf = (session: string) =>
      run(backend, 'pid', {}, { caller: legacyCaller({ session }) }).then(Number)
    const [a, b, again, home] = [
      await pidOf('a'),
      await pidOf('b'),
      await pidOf('a'),
      Number(await run(backend, 'pid')),
    ]
    expect(again).toBe(a)
    expect(new Set([a, b, home]).size).toBe(3)
    backends.sessions.release('a')
    await until(() => !isAlive(a))
    expect(isAlive(b)).toBe(true)
    await backends.close()
    expect([b, home].filter(isAlive)).toEqual([])
  })

  it('of a session is started again for it', async () => {
    const backend = await stage.backend(stdioConfig('legacy'))
    const caller = legacyCaller()
    const before = await run(backend, 'pid', {}, { caller })
    process.kill(Number(before), 'SIGKILL')
    await until(() => !isAlive(Number(before)))
    expect(await run(backend, 'pid', {}, { caller })).not.toBe(before)
  })

  it('gets what is configured, and nothing secret of ours', async () => {
    process.env['VMCP_TEST_SECRET'] = 'secret'
    const backend = await stage.backend(stdioConfig('legacy', [], { env: { API_KEY: 'k' } }))
    const env = JSON.parse(await run(backend, 'env'))
    expect(env).toMatchObject({ API_KEY: 'k', PATH: process.env['PATH'] })
    expect(env).not.toHaveProperty('VMCP_TEST_SECRET')
  })

  it('takes all that it started with it', async () => {
    const backends = stage.backends([stdioConfig('legacy')])
    const backend = backends.all[0] as Backend
    await ready(backend)
    const grandchild = Number(await run(backend, 'grandchild'))
    expect(isAlive(grandchild)).toBe(true)
    await backends.close()
    await until(() => !isAlive(grandchild))
  })

  it('that neither ends with its input nor on request is ended all the same', async () => {
    const backends = stage.backends([stdioConfig('odd', ['stubborn'])])
    await ready(backends.all[0] as Backend)
    const started = Date.now()
    await backends.close()
    expect(Date.now() - started).toBeLessThan(5_000)
  })

  it('can ask the client of the only call in progress, and nobody when there are two', async () => {
    const backend = await stage.backend(stdioConfig('legacy', [], { connection: 'shared' }))
    const answer = async () => ({ action: 'accept', content: { name: 'Ada' } })
    expect(await run(backend, 'ask', {}, { ex: exchange({ answer }) })).toContain('Ada')
    const other = run(backend, 'sleep', { ms: 300 })
    const ex = exchange({ answer })
    expect(await run(backend, 'ask', {}, { ex })).toContain('does not belong to one call')
    expect(ex.asked).toEqual([])
    await other
  })

  it('has its stderr in the log, under its name', async () => {
    const backend = await stage.backend(stdioConfig('odd', [], { name: 'odd one' }))
    expect(await echo(backend, 'x')).toBe('x')
    const dying = stage.backends([stdioConfig('odd', ['dies'], { name: 'dying' })]).all[0] as Backend
    await failed(dying)
    const line = { level: 'info', message: 'Error: API_KEY is required', fields: { backend: 'dying' } }
    expect(stage.log.lines).toContainEqual(
      expect.objectContaining({ ...line, fields: expect.objectContaining(line.fields) }),
    )
  })
})

describe('what cannot be started', () => {
  it('says how it ended; what it complained about is told to the one who runs the gateway alone', async () => {
    const backend = stage.backends([stdioConfig('odd', ['dies'])]).all[0] as Backend
    expect(await failed(backend)).toMatch(/^backend '.*': the process exited with code 3$/)
    expect(backend.health.error).toMatchObject({ lastWords: 'Error: API_KEY is required' })
    expect(stage.log.lines).toContainEqual(
      expect.objectContaining({
        message: 'backend not connected',
        fields: expect.objectContaining({ stderr: 'Error: API_KEY is required' }),
      }),
    )
    await expect(echo(backend, 'x')).rejects.toMatchObject({
      message: expect.not.stringContaining('API_KEY'),
    })
  })

  it('says that the command was not found, and what to do', async () => {
    const config = stdioConfig('odd', [], { command: 'no-such-command-anywhere' })
    const backend = stage.backends([config]).all[0] as Backend
    expect(await failed(backend)).toMatch(
      /cannot start 'no-such-command-anywhere': command not found; install it/,
    )
  })

  it('fails calls at once after some attempts, with that reason', async () => {
    const config = stdioConfig('odd', [], { command: 'no-such-command-anywhere' })
    const backend = stage.backends([config]).all[0] as Backend
    await expect(echo(backend, 'x')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('command not found'),
    })
  })
})

describe('a server that', () => {
  it('ends at a question that it does not know is started again without it', async () => {
    const backend = await stage.backend(stdioConfig('odd', ['exits-on-discover']))
    expect((await ready(backend)).server).toMatchObject({ era: 'legacy', version: '2024-11-05' })
    expect(await echo(backend, 'x')).toBe('x')
  })

  it('keeps silent about it is greeted in the old way', async () => {
    const backend = await stage.backend(stdioConfig('odd', ['silent-on-discover']), {
      limits: { probeMs: 100 },
    })
    expect((await ready(backend)).server.era).toBe('legacy')
    expect(await echo(backend, 'x')).toBe('x')
  })

  it('is configured to be of one era is not asked', async () => {
    const config = stdioConfig('odd', ['exits-on-discover'], { era: 'legacy' })
    expect((await ready(await stage.backend(config))).server.era).toBe('legacy')
    const wrong = stage.backends([stdioConfig('odd', [], { era: 'modern', name: 'wrong' })]).all[0] as Backend
    expect(await failed(wrong)).toContain('refused to connect: Method not found')
  })

  it.each(['noise', 'unknown-id', 'twice'])('sends rubbish (%s) loses nothing by it', async (mode) => {
    const backend = await stage.backend(stdioConfig('odd', [mode]))
    for (const text of ['a', 'b', 'c']) expect(await echo(backend, text)).toBe(text)
  })

  it('answers in a batch is understood', async () => {
    const backend = await stage.backend(stdioConfig('odd', ['batch']))
    expect(await echo(backend, 'x')).toBe('batched')
  })

  it('answers with too much fails that call alone, at once', async () => {
    const backend = await stage.backend(stdioConfig('odd', ['huge']), { limits: { messageBytes: 10_000 } })
    await expect(echo(backend, 'x')).rejects.toMatchObject({
      code: 'bad_gateway',
      message: expect.stringContaining('more than 10000 bytes'),
    })
    expect(backend.state.status).toBe('ready')
  })
})
