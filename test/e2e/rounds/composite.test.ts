import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { STRING } from '../../fixtures/fixture.ts'
import { Stage } from '../../fixtures/stage.ts'
import { params, property, tool } from '../composite.ts'
import { type Meet, meetV1, meetV2 } from './people.ts'

// Composite tools that ask the user, and steps whose tools do.

const stage = closedAfterAll(new Stage())
let url: string
beforeAll(async () => {
  const backends = await Promise.all(
    (['legacy', 'modern'] as const).map(async (name) => {
      const { ready } = await stage.server('rounds:asks', { era: name, id: name })
      return { name, url: ready }
    }),
  )
  const about = { parameters: params({ about: STRING }) }
  const schema = params({ value: STRING }, ['value'])
  const question = { id: 'confirm', type: 'elicitation', message: 'Go on with {{.params.about}}?', schema }
  const step = (id: string, name: string, more: object = {}) => ({
    id,
    tool: name,
    arguments: { about: '{{.params.about}}' },
    ...more,
  })
  const output = (...ids: string[]) => ({
    output: {
      properties: Object.fromEntries(ids.map((id) => [id, property(`{{.steps.${id}.output.text}}`)])),
    },
  })
  const compositeTools = [
    tool('confirms', [question, step('does', 'legacy.form', { dependsOn: ['confirm'] })], {
      ...about,
      ...output('does'),
    }),
    tool('chains', [step('old', 'legacy.rounds'), step('new', 'modern.rounds', { dependsOn: ['old'] })], {
      ...about,
      ...output('old', 'new'),
    }),
    tool('together', [step('old', 'legacy.form'), step('new', 'modern.several')], {
      ...about,
      ...output('old', 'new'),
    }),
  ]
  url = (await stage.gateway({ config: config(backends, { compositeTools }) })).ready
  await eventually(async () => expect(await toolNames(url)).toContain('together'), 20_000)
})
const CLIENTS: [string, Meet][] = [
  ['modern', meetV2('modern')],
  ['legacy', meetV1],
]

describe.each(CLIENTS)('a %s client', (kind, by) => {
  const ada = () => by(stage, { url }, `ada-${kind}`)
  const run = async (person: Awaited<ReturnType<typeof ada>>, name: string) =>
    JSON.parse(await person.call(name, 'x')) as unknown

  test('is asked by a step, and then by the tool of a step', async () => {
    const person = await ada()
    const does = `accept:${person.name} on form about x`
    expect(await run(person, 'confirms')).toEqual({ does })
    expect(person.asked).toEqual(['Go on with x?', 'form about x'])
  })

  test('is asked several times by the tools of steps, whatever their servers speak', async () => {
    const person = await ada()
    const first = `accept:${person.name} on first about x`
    const both = `${first} accept:${person.name} on second about x after ${first}`
    expect(await run(person, 'chains')).toEqual({ old: both, new: both })
    expect(person.asked).toHaveLength(4)
  })

  test('is asked by steps that run at the same time', async () => {
    const person = await ada()
    const said = (await run(person, 'together')) as { old: string; new: string }
    const form = `accept:${person.name} on form about x`
    expect(said.old).toBe(form)
    expect(JSON.parse(said.new)).toMatchObject([form, { type: 'text' }, [{ uri: `file:///${person.name}` }]])
    expect(person.asked).toEqual(['form about x', 'form about x'])
  })
})
