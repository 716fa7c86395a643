import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, test, vi } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { type Child, CLI, Stage } from '../../fixtures/stage.ts'
import { replaceFile } from '../live/served.ts'
import {
  ACCEPT,
  askedBy,
  CALLED,
  DEPLOY,
  DEPLOYED,
  kill,
  modernClient,
  retry,
  type Scene,
  type StoreType,
  sceneOf,
  textIn,
  told,
} from './scene.ts'

// Runs that wait for a person while their gateway dies, and go on with another.

vi.setConfig({ testTimeout: 60_000 })

const stage = closedAfterEach(new Stage())
const STORES: StoreType[] = ['file', 'redis']

interface Asked {
  readonly message: string
  readonly _meta?: Json
}

/** A legacy client that answers each question with what `answer` gives; a promise that never ends is silence. */
async function legacyClient(gateway: Child | Transport, answer: (asked: Asked) => object | Promise<object>) {
  const asked: Asked[] = []
  const client = new Client({ name: 'restart', version: '1' }, { capabilities: { elicitation: {} } })
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    asked.push(params as Asked)
    return (await answer(params as Asked)) as { action: 'accept' }
  })
  await client.connect(
    'ready' in gateway ? (new StreamableHTTPClientTransport(new URL(gateway.ready)) as Transport) : gateway,
  )
  stage.defer(() => client.close())
  return {
    asked,
    close: () => client.close(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (meta?: object, what = 'v7') =>
      (await client.callTool({
        ...CALLED,
        arguments: { what },
        ...(meta && { _meta: meta }),
      } as never)) as Json,
  }
}

const silence = () => new Promise<object>(() => {})

/** A run that waits for the answer of a legacy client, whose gateway is then killed. */
async function interrupted(scene: Scene, what = 'v7'): Promise<string> {
  const gateway = await scene.serve()
  const client = await legacyClient(gateway, silence)
  void client.call(undefined, what).catch(() => {})
  const run = await eventually(() => {
    const id = client.asked[0]?._meta?.['dev.vmcp/run']
    expect(id).toBeTypeOf('string')
    return id as string
  })
  await kill(gateway)
  return run
}

describe.each(STORES)('with runs in a store of type %s', (type) => {
  test('a modern client whose gateway was killed sends its answer to the next, which does nothing twice', async () => {
    const scene = await sceneOf(stage, type)
    const first = await scene.serve()
    const { requestState } = await askedBy(modernClient(stage, first))
    await kill(first)

    const client = modernClient(stage, await scene.serve())
    const { message } = await retry(client, requestState)
    expect(told(message.result)).toBe(DEPLOYED)
    expect(message.result).toMatchObject({
      _meta: { 'dev.vmcp/report': { status: 'completed', run: requestState.split('.')[2] } },
    })
    // The client that never got that sends the same again.
    expect(told((await retry(client, requestState)).message.result)).toBe(DEPLOYED)
    expect(await scene.counted()).toEqual([1, 1])
  })

  test('a legacy client whose gateway was killed names the run in a new session, and is asked again', async () => {
    const scene = await sceneOf(stage, type)
    const run = await interrupted(scene)
    const client = await legacyClient(await scene.serve(), () => ACCEPT)
    expect(told(await client.call({ 'dev.vmcp/resume': run }))).toBe(DEPLOYED)
    expect(client.asked.map(({ message }) => message)).toEqual(['Deploy v7?'])
    await expect(client.call({ 'dev.vmcp/resume': run })).rejects.toThrow(
      `no run "${run}" of yours waits here`,
    )
    expect(await scene.counted()).toEqual([1, 1])
  })

  test('a client that calls again is offered to go on', async () => {
    const scene = await sceneOf(stage, type)
    await interrupted(scene)
    const gateway = await scene.serve()
    const choose = ({ message }: Asked) =>
      message.startsWith('A run of') ? { action: 'accept', content: { choice: 'go on with it' } } : ACCEPT
    const client = await legacyClient(gateway, choose)
    // Gateways that share a Redis believe each other for some seconds.
    if (type === 'redis') await new Promise((resolve) => setTimeout(resolve, 6_500))
    expect(told(await client.call())).toBe(DEPLOYED)
    expect(client.asked.map(({ message }) => message)).toEqual([
      expect.stringContaining("A run of 'deploy' with the same arguments, begun at 20"),
      'Deploy v7?',
    ])
    expect(await scene.counted()).toEqual([1, 1])
  })

  test('of two gateways that get the same answer at once, one goes on', async () => {
    const scene = await sceneOf(stage, type)
    const first = await scene.serve()
    const { requestState } = await askedBy(modernClient(stage, first))
    await kill(first)
    const clients = [await scene.serve(), await scene.serve()].map((gateway) => modernClient(stage, gateway))
    const replies = await Promise.all([...clients, ...clients].map((client) => retry(client, requestState)))
    const goOn = replies.filter(({ message }) => told(message.result) === DEPLOYED)
    const others = replies.filter((reply) => !goOn.includes(reply))
    expect(goOn.length).toBeGreaterThan(0)
    expect(others.length).toBeGreaterThan(0)
    // One that had begun to go on is told in the result of its call, the others at once.
    for (const { message } of others) {
      expect(message.error?.code ?? message.result?.['isError']).toBeOneOf([-32602, true])
      expect(message.error?.message ?? textIn(message.result)).toMatch(/was resumed (already|elsewhere)/)
    }
    expect(await scene.counted()).toEqual([1, 1])
  })
})

test('a gateway that is stopped leaves what waits to the next', async () => {
  const scene = await sceneOf(stage, 'file')
  const first = await scene.serve()
  const { requestState } = await askedBy(modernClient(stage, first))
  await first.stop('SIGTERM')
  const { message } = await retry(modernClient(stage, await scene.serve()), requestState)
  expect(told(message.result)).toBe(DEPLOYED)
  expect(await scene.counted()).toEqual([1, 1])
})

test.each<StoreType>(['redis', 'rediss'])(
  'an answer that comes to another gateway than the one that waits is taken there, and once (%s)',
  async (type) => {
    const scene = await sceneOf(stage, type)
    const [first, second] = [await scene.serve(), await scene.serve()]
    const here = modernClient(stage, first)
    const { requestState } = await askedBy(here)
    expect(told((await retry(modernClient(stage, second), requestState)).message.result)).toBe(DEPLOYED)
    const late = await retry(here, requestState)
    expect(late.message.result).toMatchObject({ isError: true })
    expect(textIn(late.message.result)).toContain('does not go on here: it was resumed elsewhere')
    expect(await scene.counted()).toEqual([1, 1])
  },
)

test('a run does not go on with other arguments, nor when its tool is defined in another way', async () => {
  const scene = await sceneOf(stage, 'file')
  const first = await scene.serve()
  const { requestState } = await askedBy(modernClient(stage, first))
  await kill(first)

  const changed = await scene.serve([DEPLOY({ description: 'Deploys better' })])
  const refused = await retry(modernClient(stage, changed), requestState)
  expect(refused.message.error).toMatchObject({
    code: -32602,
    message: expect.stringContaining(
      "'deploy' is defined in another way now than when it began; call it anew",
    ),
  })
  await changed.stop()

  const client = modernClient(stage, await scene.serve())
  const other = await retry(client, requestState, { arguments: { what: 'v8' } })
  expect(other.message.error?.message).toContain('was begun with other arguments')
  const forged = await retry(client, `${requestState.slice(0, -3)}abc`)
  expect(told(forged.message.result)).toBe(DEPLOYED)
})

test('an operator sees the runs that are kept, resumes one in a terminal, and ends another', async () => {
  const scene = await sceneOf(stage, 'file')
  const [one, other] = [await interrupted(scene), await interrupted(scene, 'v8')]
  await scene.serve()
  const { runs } = JSON.parse((await runCli(['runs', '--json'], scene.env)).stdout) as { runs: Json[] }
  expect(runs.map(({ id }) => id).sort()).toEqual([one, other].sort())
  expect(runs[0]).toMatchObject({ workflow: 'deploy', state: 'waiting', kept: true, done: 1, total: 4 })
  expect(JSON.stringify(runs)).not.toContain('v7')

  const shown = (await runCli(['runs', one], scene.env)).stdout
  expect(shown).toMatch(/^plan +tool +plans\.flaky +completed +earlier/m)
  expect(shown).toMatch(/^confirm +elicitation +waiting +20/m)
  expect(shown).toMatch(/^tell +tool +echo\.echo +pending/m)

  const resumed = await runCli(['runs', one, '--resume'], scene.env, '{"env":"staging"}\n')
  expect(resumed.output).toContain('question: Deploy v7?')
  expect(resumed.code).toBe(0)
  expect(JSON.parse(resumed.stdout)).toEqual({ text: 'v7 to staging: {"calls":1}, {"calls":1}' })

  expect((await runCli(['runs', other, '--cancel'], scene.env)).code).toBe(0)
  const gone = await runCli(['runs', other, '--resume'], scene.env)
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('no run has the id') })
  const ended = await runCli(['runs', one, '--resume'], scene.env)
  expect(ended.stderr).toContain('is not one that waits to be resumed: completed')
})

test('a record that was changed is refused, and the log says so', async () => {
  const scene = await sceneOf(stage, 'file')
  const first = await scene.serve()
  const { requestState } = await askedBy(modernClient(stage, first))
  await kill(first)
  const [folder = ''] = (await readdir(scene.folder)).filter((name) => name.endsWith('.run'))
  const file = join(scene.folder, folder, 'sealed')
  const body = await readFile(file)
  expect(body.includes('v7')).toBe(false)
  body[60] = (body[60] ?? 0) ^ 1
  await writeFile(file, body)
  const gateway = await scene.serve()
  const { message } = await retry(modernClient(stage, gateway), requestState)
  expect(message.error?.message).toMatch(
    /the record of run \S+ does not open: it was changed, or sealed with another key/,
  )
  expect(gateway.stderr()).toContain('does not open')
})

test('a client on stdin and stdout whose server is started anew is offered to go on', async () => {
  const scene = await sceneOf(stage, 'file')
  const config = await scene.file()
  const connect = async (answer: (asked: Asked) => object | Promise<object>) => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [CLI, 'serve', '--config', config, '--stdio'],
      env: { ...process.env, ...scene.env } as Record<string, string>,
      stderr: 'ignore',
    })
    return legacyClient(transport as Transport, answer)
  }
  const first = await connect(silence)
  await eventually(async () => expect(await first.tools()).toContain('deploy'))
  void first.call().catch(() => {})
  await eventually(() => expect(first.asked).toHaveLength(1))
  await first.close()

  const second = await connect(({ message }) =>
    message.startsWith('A run of') ? { action: 'accept', content: { choice: 'go on with it' } } : ACCEPT,
  )
  await eventually(async () => expect(await second.tools()).toContain('deploy'))
  expect(told(await second.call())).toBe(DEPLOYED)
  expect(second.asked).toHaveLength(2)
})

test('runs are kept from when the configuration says so, and where it says', async () => {
  const scene = await sceneOf(stage, 'file')
  const elsewhere = { store: { type: 'file', path: join(await stage.folder(), 'runs') } }
  const file = await scene.file({ workflowRuns: undefined })
  const gateway = await stage.gateway({ args: ['--config', file], env: scene.env })
  const client = modernClient(stage, gateway)
  await eventually(async () => expect(await toolNames(gateway.ready)).toContain('deploy'))
  const { requestState: unkept } = await client.result('tools/call', CALLED)
  expect(unkept).toMatch(/^vmcp\.p\./)

  const apply = async (workflowRuns: object) => {
    await replaceFile(file, scene.config({ workflowRuns }))
    const reloaded = await runCli(['reload', '--config', file, '--json'], scene.env)
    expect(reloaded.code, reloaded.output).toBe(0)
  }
  await apply(scene.workflowRuns)
  const [one, other] = [await askedBy(client), await askedBy(client)]
  await apply(elsewhere)
  // What waits in the store before is answered there; what comes now is kept in the new one.
  expect(told((await retry(client, one.requestState)).message.result)).toContain('v7 to staging')
  const { requestState } = await askedBy(client)
  await kill(gateway)
  const next = modernClient(stage, await scene.serve(undefined, { workflowRuns: elsewhere }))
  expect(told((await retry(next, requestState)).message.result)).toContain('v7 to staging')
  expect((await retry(next, other.requestState)).message.error?.message).toContain('of yours waits here')
})
