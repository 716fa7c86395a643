import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ask, callText, eventually, toolNames } from '../../fixtures/ask.ts'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { type BackendEntry, config, prefixed } from '../../fixtures/config.ts'
import { descendantsOf } from '../../fixtures/processes.ts'
import { Stage, serverCommand } from '../../fixtures/stage.ts'
import { type Listener, legacyListener, modernListener, type Served, serveFile } from './served.ts'

const stage = closedAfterEach(new Stage())

const echo = { name: 'e', transport: 'stdio' as const, ...serverCommand('echo', { era: 'legacy' }) }

async function entry(name: 'github' | 'jira' | 'slow' | 'hdr', era: 'legacy' | 'modern' = 'modern') {
  const { ready: url } = await stage.hosted(name, { era })
  return { name, url }
}

const generation = async (served: Served) => (await served.status()).configuration.generation

async function clientsOf(url: string): Promise<Listener[]> {
  return [await legacyListener(stage, url), await modernListener(stage, url)]
}

describe('an edit of the file', () => {
  test('adds and removes backends under clients of both eras, and leaves the others alone', async () => {
    const github = await entry('github')
    const served = await serveFile(stage, config([echo]))
    const clients = await clientsOf(served.url)
    for (const client of clients) await client.settled(['e_echo'])
    const [legacy] = clients as [Listener, Listener]
    await legacy.request('tools/call', { name: 'e_echo', arguments: { input: 'x' } })
    // The home connection and that of the legacy session.
    const children = descendantsOf(served.gateway.pid)
    expect(children).toHaveLength(2)

    await served.edit(config([echo, github]))
    for (const client of clients) {
      await eventually(() => expect(client.heard()).toContain('notifications/tools/list_changed'))
      expect(await client.tools()).toEqual(['e_echo', 'github_create_issue', 'github_list_repos'])
      const call = { name: 'github_create_issue', arguments: { title: 't' } }
      expect(JSON.stringify(await client.request('tools/call', call))).toContain('4711')
      await client.request('tools/call', { name: 'e_echo', arguments: { input: 'x' } })
    }
    expect(descendantsOf(served.gateway.pid)).toEqual(children)

    await served.edit(config([github]))
    for (const client of clients)
      await eventually(async () => expect(await client.tools()).not.toContain('e_echo'))
    await eventually(() => expect(descendantsOf(served.gateway.pid)).toEqual([]))
    expect(await generation(served)).toBe(3)
  })

  test('is refused when it is wrong, says where, and what was served is served on', async () => {
    const served = await serveFile(stage, config([echo]))
    const [legacy, modern] = (await clientsOf(served.url)) as [Listener, Listener]
    for (const client of [legacy, modern]) await client.settled(['e_echo'])
    const children = descendantsOf(served.gateway.pid)
    await served.edit('name: x\naggregaton: {}\n')
    await eventually(async () => expect((await served.status()).configuration.refused).toBeDefined())
    const { configuration } = await served.status()
    expect(configuration.generation).toBe(1)
    expect(configuration.refused?.message).toMatch(/^the file has \d errors$/)
    expect(configuration.refused?.details).toBeUndefined()
    expect(await served.refusal()).toContain(`${served.file}:2:1: aggregaton: unknown key`)
    expect(served.gateway.stderr()).toMatch(/unknown key.*line=2 column=1 path=aggregaton/)
    expect(served.gateway.stderr()).toContain('the new configuration is refused')
    expect(await callText(served.url, 'e_echo', { input: 'still here' })).toBe('still here')
    expect(descendantsOf(served.gateway.pid)).toEqual(children)
    expect([...legacy.heard(), ...modern.heard()]).toEqual([])

    await served.edit(config([echo], { passthroughHeaders: ['x-team'] }))
    await eventually(async () => expect(await generation(served)).toBe(2))
    expect((await served.status()).configuration.refused).toBeUndefined()
  })

  test('tells nobody of lists that stay the same, though a backend was replaced', async () => {
    const github = await entry('github')
    const served = await serveFile(stage, config([echo, github]))
    const clients = await clientsOf(served.url)
    for (const client of clients) await client.settled(['e_echo', 'github_create_issue', 'github_list_repos'])
    await served.edit(config([echo, { ...github, headers: { 'x-new': 'yes' } }]))
    await eventually(async () => expect(await generation(served)).toBe(2))
    await sleep(500)
    for (const client of clients) {
      expect(client.heard()).toEqual([])
      expect(await client.tools()).toHaveLength(3)
    }
  })

  test('that changes names and what is hidden is told of, and reconnects nobody', async () => {
    const served = await serveFile(stage, config([echo, await entry('github')]))
    const { backends } = JSON.parse(await readFile(served.file, 'utf8')) as { backends: BackendEntry[] }
    const clients = await clientsOf(served.url)
    for (const client of clients) await client.settled(['e_echo', 'github_create_issue', 'github_list_repos'])
    const children = descendantsOf(served.gateway.pid)
    const tools = [{ workload: 'github', filter: ['open'], overrides: { create_issue: { name: 'open' } } }]
    await served.edit(config(backends, { aggregation: prefixed({ tools }) }))
    for (const client of clients) {
      await eventually(() => expect(client.heard()).toContain('notifications/tools/list_changed'))
      expect(await client.tools()).toEqual(['e_echo', 'github_open'])
    }
    expect(JSON.stringify(await ask(served.url, 'tools/call', call('github_list_repos')))).toContain(
      'not found',
    )
    expect(descendantsOf(served.gateway.pid)).toEqual(children)
  })

  test('that changes composite tools, headers and timeouts applies to the next call', async () => {
    const hdr = await entry('hdr')
    const slow = await entry('slow')
    const served = await serveFile(stage, config([hdr, slow]))
    await eventually(async () => expect(await toolNames(served.url)).toHaveLength(2))
    const client = new ModernClient(served.url, { headers: { 'x-team': 'blue' } })
    stage.defer(() => client.close())
    const seen = async () => JSON.stringify(await client.result('tools/call', call('hdr_headers')))
    expect(await seen()).not.toContain('x-team')
    const steps = [{ id: 'one', tool: 'hdr_headers', arguments: {} }]
    await served.edit(
      config([hdr, slow], {
        passthroughHeaders: ['x-team'],
        compositeTools: [{ name: 'look', description: 'Looks.', parameters: { type: 'object' }, steps }],
        operational: { timeouts: { default: '30s', perWorkload: { slow: '1s' } } },
      }),
    )
    await eventually(async () => expect(await toolNames(served.url)).toContain('look'))
    expect(await seen()).toContain('x-team')
    expect((await ask(served.url, 'tools/call', call('look'))).message.result?.isError).not.toBe(true)
    const began = performance.now()
    expect((await ask(served.url, 'tools/call', call('slow_sleep', { seconds: 20 }))).text).toContain(
      '1000 ms',
    )
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  test('that leaves names in conflict is refused, since its lists would be of no use', async () => {
    const manual = (...backends: { name: string; url: string }[]) =>
      config(backends, {
        aggregation: {
          conflictResolution: 'manual',
          conflictResolutionConfig: {},
          tools: [{ workload: 'github', overrides: { list_repos: { name: 'repos' } } }],
        },
      })
    const [github, jira] = [await entry('github'), await entry('jira')]
    const served = await serveFile(stage, manual(github))
    await eventually(async () => expect(await toolNames(served.url)).toEqual(['create_issue', 'repos']))
    await served.edit(manual(github, jira))
    await eventually(async () =>
      expect((await served.status()).configuration.refused?.message).toBe('names are in conflict'),
    )
    expect(await served.refusal()).toMatch(/create_issue.*github.*jira/)
    expect(await toolNames(served.url)).toEqual(['create_issue', 'repos'])
    expect((await served.status()).backends.map(({ name }) => name)).toEqual(['github'])
  })
})

describe('a call in progress', () => {
  test('ends as it began, though its backend is removed meanwhile', async () => {
    const served = await serveFile(stage, config([echo, await entry('slow')]))
    await eventually(async () => expect(await toolNames(served.url)).toHaveLength(2))
    const calling = callText(served.url, 'slow_sleep', { seconds: 3 })
    await sleep(300)
    await served.edit(config([echo]))
    await eventually(async () => expect(await toolNames(served.url)).toEqual(['e_echo']))
    expect(await calling).toBe('awake')
  })

  test('of a composite tool ends as it began, though a backend of a later step is replaced meanwhile', async () => {
    const [slow, github] = [await entry('slow'), await entry('github')]
    const steps = [
      { id: 'wait', tool: 'slow_sleep', arguments: { seconds: 3 } },
      { id: 'list', tool: 'github_list_repos', arguments: {}, dependsOn: ['wait'] },
    ]
    const compositeTools = [{ name: 'later', description: 'Waits.', parameters: { type: 'object' }, steps }]
    const of = (headers: object) => config([slow, { ...github, headers }], { compositeTools })
    const served = await serveFile(stage, of({ 'x-n': '1' }))
    await eventually(async () => expect(await toolNames(served.url)).toContain('later'))
    const calling = ask(served.url, 'tools/call', call('later'))
    await sleep(300)
    await served.edit(of({ 'x-n': '2' }))
    await eventually(async () => expect(await generation(served)).toBe(2))
    const { message } = await calling
    expect(message.result?.isError, JSON.stringify(message)).not.toBe(true)
    expect(JSON.stringify(message.result)).toContain('vmcp')
  })

  test('ends with an error that says why, when it takes too long', async () => {
    const served = await serveFile(stage, config([echo, await entry('slow')]))
    await eventually(async () => expect(await toolNames(served.url)).toHaveLength(2))
    const began = performance.now()
    const calling = ask(served.url, 'tools/call', call('slow_sleep', { seconds: 29 }))
    await sleep(300)
    await served.edit(config([echo]))
    expect((await calling).text).toContain('the configuration has changed')
    expect(performance.now() - began).toBeLessThan(15_000)
  })
})

test('a subscription goes on at the backend that takes the place of its own', async () => {
  const live = (id: string) => stage.server('wire:live', { era: 'legacy', resources: 3, id })
  const [one, two] = [await live('one'), await live('two')]
  const entryOf = (url: string) => ({ name: 'live', url, era: 'legacy' })
  const served = await serveFile(stage, config([entryOf(one.ready)]))
  await eventually(async () => expect(await toolNames(served.url)).toEqual(['live_confirm']))
  const client = await LegacyClient.open(served.url)
  stage.defer(() => client.close())
  await client.listen()
  await client.result('resources/subscribe', { uri: 'live://items/1' })
  const updates = () =>
    client.notifications.filter(({ method }) => method === 'notifications/resources/updated').length
  await served.edit(config([entryOf(two.ready)]))
  // Something may have happened in between.
  await eventually(() => expect(updates()).toBeGreaterThan(0))
  expect(await generation(served)).toBe(2)
})

const call = (name: string, args: object = {}) => ({ name, arguments: args })
