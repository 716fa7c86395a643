import { describe, expect, it } from 'vitest'
import type { Catalog } from '../core/catalog.ts'
import type { CompositeStep, CompositeToolConfig } from '../core/composite.ts'
import { misfitsOf } from './fit.ts'

const INPUT = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    count: { type: 'integer', maximum: 10 },
    list: {
      type: 'array',
      items: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    },
    of: { $ref: '#/$defs/of' },
    kind: { enum: ['a', 'b'] },
    any: {},
  },
  required: ['text'],
  additionalProperties: false,
  $defs: { of: { type: 'object', properties: { on: { type: 'boolean' } } } },
}
const OUTPUT = { type: 'object', properties: { total: { type: 'integer' } }, additionalProperties: false }

const CATALOG: Catalog = {
  tools: [
    {
      kind: 'tool',
      name: 'a_t',
      origin: { backend: 'a', name: 't' },
      definition: { name: 't', inputSchema: INPUT, outputSchema: OUTPUT },
      hidden: true,
    },
  ],
  prompts: [],
  resources: [],
  templates: [],
  dropped: [],
  caching: () => ({ ttlMs: 0, scope: 'private' }),
}

const call = (args: object, id = 's', more: object = {}): CompositeStep => ({
  type: 'tool',
  id,
  tool: 'a.t',
  arguments: args as never,
  ...more,
})
const config = (steps: readonly CompositeStep[]): CompositeToolConfig => ({
  name: 'w',
  description: 'd',
  parameters: {
    type: 'object',
    properties: {
      n: { type: 'integer' },
      on: { type: 'boolean' },
      ids: { type: 'array', items: { type: 'boolean' } },
    },
  },
  steps,
})
const said = (...steps: CompositeStep[]) =>
  misfitsOf(config(steps), CATALOG).map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  )

describe('arguments of a step', () => {
  it.each<[string, object]>([
    ['literals', { text: 'x', count: 5, list: [{ n: 1 }], of: { on: true }, kind: 'a', any: [1] }],
    ['text that reads as what is wanted', { text: 'x', count: '5', of: { on: 'true' } }],
    [
      'templates of the same type',
      { text: '{{ json .params.ids }}', count: '{{ .params.n }}', of: { on: '{{ .params.on }}' } },
    ],
    [
      'text that may turn out to be it',
      { text: 'of {{ .params.n }}', count: '1{{ .params.n }}', kind: '{{ .params.x }}' },
    ],
    ['lists with templates in them', { text: 'x', list: [{ n: '{{ .params.n }}' }] }],
  ])('may be %s', (_, args) => {
    expect(said(call(args))).toEqual([])
  })

  it.each<[string, object, string]>([
    ['missing', {}, 'arguments: \'a.t\' needs "text"'],
    ['unknown', { text: 'x', txt: 1 }, 'arguments.txt: \'a.t\' does not take "txt"'],
    ['of a wrong type', { text: null }, "arguments.text: 'a.t' does not take this: must be string"],
    ['beyond a limit', { text: 'x', count: 11 }, "arguments.count: 'a.t' does not take this: must be <= 10"],
    [
      'none of the choices',
      { text: 'x', kind: 'c' },
      'arguments.kind: \'a.t\' does not take this: must be one of "a", "b"',
    ],
    [
      'wrong deep within',
      { text: 'x', of: { on: 'perhaps' } },
      "arguments.of: 'a.t' does not take this: on: must be boolean",
    ],
    [
      'a list where text is wanted',
      { text: '{{ .params.ids }}' },
      'arguments.text: can never fit: it is array, and string is wanted',
    ],
    [
      'text where a list is wanted',
      { text: 'x', list: '{{ json .params.ids }}' },
      'arguments.list: can never fit: it is string, and array is wanted',
    ],
    [
      'a truth where a number is wanted',
      { text: 'x', count: '{{ .params.on }}' },
      'arguments.count: can never fit: it is boolean, and integer is wanted',
    ],
    [
      'a list where an object is wanted',
      { text: 'x', of: ['{{ .params.n }}'] },
      'arguments.of: can never fit: it is array, and object is wanted',
    ],
    [
      'incomplete within a list',
      { text: 'x', list: [{ m: '{{ .params.n }}' }] },
      'arguments.list.0: list.0 needs "n"',
    ],
  ])('may not be %s', (_, args, message) => {
    expect(said(call(args))).toEqual([`error steps.0.${message}`])
  })

  it('may not be of the type of another step’s result that never fits', () => {
    const after = call({ text: 'x', list: '{{ .steps.one.output.total }}' }, 'two', { dependsOn: ['one'] })
    expect(said(call({ text: 'x' }, 'one'), after)).toEqual([
      'error steps.1.arguments.list: can never fit: it is integer, and array is wanted',
    ])
  })

  it('are warned of where they read what a tool never gives', () => {
    const after = call({ text: '{{ .steps.one.output.totl }}' }, 'two', { dependsOn: ['one'] })
    expect(said(call({ text: 'x' }, 'one'), after)).toEqual([
      'warning steps.1.arguments.text: .steps.one.output has no totl, by the output schema of its tool',
    ])
    expect(said(call({ text: 'x' }, 'one', { onError: { action: 'continue' } }), after)).toEqual([])
  })

  it('are judged in loops too, with what is known of the items', () => {
    const loop = (collection: string, kept: string): CompositeStep => ({
      type: 'forEach',
      id: 'each',
      collection,
      step: { tool: 'a.t', arguments: { text: 'x', count: kept } },
    })
    expect(said(loop('{{ json .params.ids }}', '{{ .forEach.item }}'))).toEqual([
      'error steps.0.step.arguments.count: can never fit: it is boolean, and integer is wanted',
    ])
    expect(said(loop('[1]', '{{ .forEach.index }}'))).toEqual([])
    expect(said(loop('[1]', '{{ .forEach.item }}'))).toEqual([])
  })
})
