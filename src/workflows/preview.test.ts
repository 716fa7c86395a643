import { describe, expect, it } from 'vitest'
import type { Catalog, ToolItem } from '../core/catalog.ts'
import type { CompositeStep, CompositeToolConfig } from '../core/composite.ts'
import { typedArguments } from './arguments.ts'
import { previewOf } from './preview.ts'

const tool = (id: string, args: object, more: object = {}): CompositeStep => ({
  type: 'tool',
  id,
  tool: `a.${id}`,
  arguments: args as never,
  ...more,
})
const config = (...steps: CompositeStep[]): CompositeToolConfig => ({ name: 'w', description: 'd', steps })
const item = (name: string, inputSchema: object = {}): ToolItem => ({
  kind: 'tool',
  name: `a_${name}`,
  origin: { backend: 'a', name },
  definition: { name, inputSchema },
  hidden: name === 'hidden',
})
const catalog = (...tools: ToolItem[]): Catalog => ({
  tools,
  prompts: [],
  resources: [],
  templates: [],
  dropped: [{ kind: 'tool', origin: { backend: 'a', name: 'gone' }, reason: 'it was filtered' }],
  caching: () => ({ ttlMs: 0, scope: 'private' }),
})
const stepsOf = (...args: Parameters<typeof previewOf>) => previewOf(...args).waves.flat()

describe('a preview', () => {
  it('expands what is known and leaves the rest as it is written, with what that waits for', () => {
    const args = {
      n: '{{ .params.n }}',
      deep: [{ text: '{{ .params.q }}: {{ .steps.one.output.text }} {{ len .steps.one.output.list }}' }],
      block: '{{ if .steps.one.error }}no{{ else }}{{ .params.q }}{{ end }}',
      run: 'of {{ .workflow.id }}',
    }
    const [, two] = stepsOf(config(tool('one', {}), tool('two', args, { dependsOn: ['one'] })), {
      n: 5,
      q: 'x',
    })
    expect(two?.arguments).toEqual({
      value: {
        n: 5,
        deep: [{ text: 'x: {{ .steps.one.output.text }} {{ len .steps.one.output.list }}' }],
        block: args.block,
        run: args.run,
      },
      waitsFor: ['steps.one.output.text', 'steps.one.output.list', 'steps.one.error', 'workflow.id'],
    })
  })

  it('has steps in waves, and knows of those that are skipped for sure what the others see of them', () => {
    const skipped = tool(
      'opt',
      { q: 'x' },
      { condition: '{{ .params.opt }}', defaultResults: { text: 'none' } },
    )
    const open = tool(
      'open',
      { q: '{{ .steps.opt.output.text }}' },
      { dependsOn: ['opt'], condition: '{{ eq .steps.b.output.x 1 }}' },
    )
    const { waves, ok } = previewOf(config(skipped, tool('b', {}), open), { opt: false })
    expect(waves.map((wave) => wave.map(({ id, runs }) => [id, runs]))).toEqual([
      [
        ['opt', 'no'],
        ['b', 'yes'],
      ],
      [['open', 'maybe']],
    ])
    expect(waves[1]?.[0]?.arguments).toEqual({ value: { q: 'none' }, waitsFor: [] })
    expect(ok).toBe(true)
  })

  it('has what a question says and what a loop goes over', () => {
    const [ask, each] = stepsOf(
      config(
        { type: 'elicitation', id: 'ask', message: 'Ship {{ .params.v }}?', schema: {} },
        {
          type: 'forEach',
          id: 'each',
          collection: '{{ json .params.list }}',
          step: { tool: 'a.b', arguments: { i: '{{ .params.v }} {{ .forEach.item }}' } },
        },
      ),
      { v: 7, list: [1, 2] },
    )
    expect(ask?.message).toEqual({ value: 'Ship 7?', waitsFor: [] })
    expect(each).toMatchObject({
      collection: { value: '[1,2]', waitsFor: [] },
      tool: 'a.b',
      arguments: { value: { i: '7 {{ .forEach.item }}' }, waitsFor: ['forEach.item'] },
    })
  })

  it('tells what is known to fail', () => {
    const bad = tool('bad', { q: '{{ .params.nope }}' })
    const odd = tool('odd', {}, { condition: '{{ .params.word }}' })
    const { ok, waves } = previewOf(config(bad, odd), { word: 'maybe' })
    expect(ok).toBe(false)
    expect(waves.flat().map(({ faults }) => faults)).toEqual([
      [expect.stringContaining('arguments: q: params.nope is missing')],
      [expect.stringContaining('expected true or false')],
    ])
  })

  it('over what backends offer, says which tools are called, which are missing, and what does not fit', () => {
    const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
    const all = catalog(item('one', schema), item('hidden'))
    const steps = stepsOf(
      config(tool('one', { n: '{{ .params.n }}0' }), tool('hidden', {}), tool('gone', {}), {
        ...tool('two', { n: '{{ .steps.one.output.x }}', k: 1 }, { dependsOn: ['one'] }),
        tool: 'a_one',
      } as CompositeStep),
      { n: 4 },
      all,
    )
    expect(steps).toMatchObject([
      {
        id: 'one',
        calls: { name: 'a_one', backend: 'a', hidden: false },
        arguments: { value: { n: 40 } },
        faults: [],
      },
      { id: 'hidden', calls: { hidden: true } },
      { id: 'gone', faults: ["'a.gone' is not there (it was filtered)"] },
      { id: 'two', faults: [] },
    ])
    const [lacking] = stepsOf(config(tool('one', {})), {}, all)
    expect(lacking?.faults).toEqual(['arguments: n: required'])
  })
})

describe('typed arguments', () => {
  const parameters = {
    type: 'object',
    properties: {
      n: { type: 'integer' },
      on: { type: 'boolean' },
      list: { type: 'array' },
      of: { type: 'object' },
      text: { type: 'string' },
    },
  }

  it('become what the parameters ask for, and win over those that were given as JSON', () => {
    const texts = { n: '5', on: 'true', list: '[1]', of: '{"a":1}', text: '5', other: '7' }
    expect(typedArguments({ parameters }, texts, { n: 1, more: 2 })).toEqual({
      n: 5,
      on: true,
      list: [1],
      of: { a: 1 },
      text: '5',
      other: '7',
      more: 2,
    })
  })

  it('stay texts where they are nothing else', () => {
    expect(typedArguments({ parameters }, { n: 'x', list: 'x' })).toEqual({ n: 'x', list: 'x' })
    expect(typedArguments({}, { n: '5' })).toEqual({ n: '5' })
  })
})
