import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { type BackendEntry, config } from '../../fixtures/config.ts'
import { type Child, type ServerFlags, Stage, serverCommand } from '../../fixtures/stage.ts'
import { stdioDoor } from '../peers.ts'
import { ABLE, type Meet, meetV1, meetV2, type Person } from './people.ts'

// Servers that ask in the course of a call, and clients that answer, in either era on either side.

const SERVERS: Readonly<Record<string, ServerFlags>> = {
  legacyStdio: { era: 'legacy', transport: 'stdio' },
  legacyHttp: { era: 'legacy', transport: 'http' },
  modernStdio: { era: 'modern', transport: 'stdio' },
  modernHttp: { era: 'modern', transport: 'http' },
}

const stage = closedAfterAll(new Stage())
let entries: BackendEntry[]
let gateway: Child
beforeAll(async () => {
  entries = await Promise.all(
    Object.entries(SERVERS).map(([name, flags]) => entry(name, { ...flags, id: name })),
  )
  gateway = await stage.gateway({ config: config(entries) })
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(10 * 4), 20_000)
})
async function entry(name: string, flags: ServerFlags): Promise<BackendEntry> {
  if (flags.transport === 'stdio') return { name, transport: 'stdio', ...serverCommand('rounds:asks', flags) }
  return { name, url: (await stage.server('rounds:asks', flags)).ready }
}

/** All that a server may ask, one after another. */
async function talk(person: Person, server: string): Promise<void> {
  const about = `${server} things`
  const { name } = person
  const tool = (own: string) => person.call(`${server}_${own}`, about)
  expect(await tool('form')).toBe(`accept:${name} on form about ${about}`)
  expect(await tool('page')).toBe('accept')
  expect(person.asked.at(-1)).toBe(`https://pages.example/${about}`)
  const sampled = { type: 'text', text: `${name} sampled ${about} with 1 tools` }
  expect(JSON.parse(await tool('sample'))).toEqual(sampled)
  const roots = [{ uri: `file:///${name}` }]
  expect(JSON.parse(await tool('roots'))).toEqual(roots)
  expect(JSON.parse(await tool('several'))).toEqual([`accept:${name} on form about ${about}`, sampled, roots])
  const first = `accept:${name} on first about ${about}`
  expect(await tool('rounds')).toBe(`${first} accept:${name} on second about ${about} after ${first}`)
  expect(JSON.parse(await tool('declared'))).toEqual(ABLE)
  expect(await person.prompt(`${server}_asking`, about)).toBe(`accept:${name} on prompt about ${about}`)
  expect(await person.read(`asks://${server}`)).toBe(`accept:${name} on which part`)
}

const CLIENTS: [string, Meet][] = [
  ['modern', meetV2('modern')],
  ['legacy', meetV2('legacy')],
  ['v1', meetV1],
]

describe.each(CLIENTS)('a %s client over HTTP', (kind, by) => {
  let person: Person
  beforeAll(async () => {
    person = await by(stage, { url: gateway.ready }, `ada-${kind}`)
  })

  test.each(Object.keys(SERVERS))('is asked everything by a %s server', (server) => talk(person, server))
})

describe.each(CLIENTS.slice(0, 2))('a %s client over stdio', (kind, by) => {
  test('is asked everything by a server of each era', async () => {
    const file = await stage.file('vmcp.json', config(entries.filter(({ url }) => url !== undefined)))
    const person = await by(stage, stdioDoor(file), `bob-${kind}`)
    await eventually(async () => expect(await person.tools()).toHaveLength(10 * 2))
    await talk(person, 'legacyHttp')
    await talk(person, 'modernHttp')
  })
})

describe('clients at the same time', () => {
  test('are asked their own questions only, by one server over stdio', async () => {
    const people = await Promise.all(
      ['eve', 'kim'].map((name) => meetV2('modern')(stage, { url: gateway.ready }, name)),
    )
    await Promise.all(
      people.map(async (person, n) => {
        const { name } = person
        for (let round = 0; round < 3; round++) {
          const about = `${n}.${round}`
          const first = `accept:${name} on first about ${about}`
          const said = await person.call('legacyStdio_rounds', about)
          expect(said).toBe(`${first} accept:${name} on second about ${about} after ${first}`)
        }
        expect(person.asked.every((message) => message.includes(`about ${n}.`))).toBe(true)
        expect(person.asked).toHaveLength(6)
      }),
    )
  })

  test('have one person’s calls kept apart as well', async () => {
    const person = await meetV2('modern')(stage, { url: gateway.ready }, 'max')
    const abouts = ['a', 'b', 'c']
    const said = await Promise.all(abouts.map((about) => person.call('legacyStdio_form', about)))
    expect(said).toEqual(abouts.map((about) => `accept:max on form about ${about}`))
  })
})

describe('a client that gives up', () => {
  test.each(CLIENTS.slice(0, 2))('(%s) has its call cancelled at a legacy server', async (_, by) => {
    const person = await by(stage, { url: gateway.ready }, 'zoe')
    const before = Number(await person.call('legacyHttp_cancelled', ''))
    await expect(person.call('legacyHttp_hang', '', AbortSignal.timeout(300))).rejects.toThrow()
    await eventually(async () =>
      expect(Number(await person.call('legacyHttp_cancelled', ''))).toBe(before + 1),
    )
  })
})
