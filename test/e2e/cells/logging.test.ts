import { beforeAll, describe, expect, test } from 'vitest'
import { LegacyClient, ModernClient, type Reply } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { Stage } from '../../fixtures/stage.ts'
import { EACH_KIND, startBackends, startGateway } from './cell.ts'

// Log messages in the course of a call: on its own stream, from the level on that its client wants.

const stage = closedAfterAll(new Stage())
let url: string
beforeAll(async () => {
  // Most of the clients of the other era share a connection anyway.
  url = await startGateway(stage, await startBackends(stage, { connection: 'shared' }))
})
const linesOf = ({ messages }: Reply) =>
  messages.filter(({ method }) => method === 'notifications/message').map(({ params }) => params?.data)

const ALL = ['debug', 'info', 'error']

describe.each(EACH_KIND)('%s', (_, { name }) => {
  const steps = (who: string, level?: string) => ({
    name: `${name}_steps`,
    arguments: { who },
    ...(level !== undefined && { _meta: { 'io.modelcontextprotocol/logLevel': level } }),
  })

  test('logs to a modern client as it says with each call, and not without a word of it', async () => {
    const client = new ModernClient(url)
    stage.defer(() => client.close())
    const said = async (level?: string) => linesOf(await client.request('tools/call', steps('m', level)))
    expect(await said()).toEqual([])
    expect(await said('debug')).toEqual(ALL.map((level) => `m ${level}`))
    expect(await said('warning')).toEqual(['m error'])
    expect(await said()).toEqual([])
  })

  test('logs to a legacy client from the level of its session on', async () => {
    const [client, other] = [await LegacyClient.open(url), await LegacyClient.open(url)]
    for (const it of [client, other]) stage.defer(() => it.close())
    const said = async (it: LegacyClient) => linesOf(await it.request('tools/call', steps('l')))
    expect(await said(client)).toEqual(ALL.map((level) => `l ${level}`))
    await client.result('logging/setLevel', { level: 'info' })
    expect(await said(client)).toEqual(['l info', 'l error'])
    await client.result('logging/setLevel', { level: 'emergency' })
    expect(await said(client)).toEqual([])
    expect(await said(other)).toEqual(ALL.map((level) => `l ${level}`))
  })

  test('logs to each of two clients who call at the same time what is theirs, or nothing', async () => {
    const [modern, legacy] = [new ModernClient(url), await LegacyClient.open(url)]
    for (const it of [modern, legacy]) stage.defer(() => it.close())
    await legacy.result('logging/setLevel', { level: 'info' })
    const [one, other] = await Promise.all([
      modern.request('tools/call', steps('modern', 'debug')),
      legacy.request('tools/call', steps('legacy')),
    ])
    const mine = ALL.map((level) => `modern ${level}`)
    const theirs = ['legacy info', 'legacy error']
    // Over the one wire of a process its logs do not say whose they are while there are several calls.
    expect(mine).toEqual(expect.arrayContaining(linesOf(one)))
    expect(theirs).toEqual(expect.arrayContaining(linesOf(other)))
    if (name.endsWith('h')) expect([linesOf(one), linesOf(other)]).toEqual([mine, theirs])
  })
})
