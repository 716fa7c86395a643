import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutputProperty, OutputSpec } from './model.ts'
import { buildOutput } from './output.ts'
import { outputSchema } from './output-schema.ts'
import { references } from './testing.ts'

const data = {
  steps: { a: { output: { count: '7', n: 7, list: '[1,2]', user: { name: 'Ada' }, nil: null } } },
}

function build(spec: OutputSpec, partial = false) {
  return buildOutput(spec, { templates: references, data, partial })
}

const one = (property: OutputProperty) => build({ properties: { x: property } })['x']
const at = (path: string) => `{{.steps.a.output.${path}}}`

describe('the output block', () => {
  it.each<[OutputProperty, unknown]>([
    [{ type: 'integer', value: at('count') }, 7],
    [{ type: 'integer', value: at('n') }, 7],
    [{ type: 'number', value: '2.5' }, 2.5],
    [{ type: 'boolean', value: 'True' }, true],
    [{ type: 'string', value: at('n') }, '7'],
    [{ type: 'string', value: at('user') }, '{"name":"Ada"}'],
    [{ type: 'array', value: at('list') }, [1, 2]],
    [{ type: 'object', value: at('user') }, { name: 'Ada' }],
    [{ type: 'object', value: '{"a": {{.steps.a.output.n}}}' }, { a: 7 }],
  ])('gives %j as its type', (property, expected) => expect(one(property)).toEqual(expected))

  it.each<[string, OutputProperty]>([
    ['a missing reference', { type: 'string', value: at('nothing.here'), default: 'd' }],
    ['null', { type: 'string', value: at('nil'), default: 'd' }],
    ['what Go says of a missing key', { type: 'string', value: '<no value>', default: 'd' }],
    ['text that is no number', { type: 'integer', value: 'seven', default: 'd' }],
    ['text that is no JSON', { type: 'object', value: '{', default: 'd' }],
    ['an object where an array is due', { type: 'array', value: at('user'), default: 'd' }],
  ])('puts the default in place of %s', (_, property) => expect(one(property)).toBe('d'))

  it.each<[OutputProperty, string]>([
    [{ type: 'string', value: at('nothing') }, 'output.x: .steps.a.output.nothing'],
    [{ type: 'integer', value: 'seven' }, 'output.x: expected an integer, got "seven"'],
    [{ type: 'integer', value: '2.5' }, 'output.x: expected an integer, got "2.5"'],
    [{ type: 'boolean', value: at('n') }, 'output.x: expected a boolean, got a number'],
    [{ type: 'array', value: '{}' }, 'output.x: expected an array or its JSON text, got an object'],
  ])('names the property where %j cannot be computed', (property, message) => {
    expect(() => one(property)).toThrow(message)
  })

  it('builds nested objects', () => {
    const inner = { type: 'integer', value: at('count') } as const
    const outer = { type: 'object', properties: { inner }, required: ['inner'] } as const
    expect(build({ properties: { outer }, required: ['outer'] })).toEqual({ outer: { inner: 7 } })
  })

  it('refuses to nest deeper than ten levels', () => {
    let property: OutputProperty = { type: 'string', value: 'x' }
    for (let depth = 0; depth < 10; depth++) property = { type: 'object', properties: { p: property } }
    expect(() => build({ properties: { p: property } })).toThrow('nests deeper than 10')
  })

  it('demands what is required, and leaves out an optional null', () => {
    const properties = { x: { type: 'string', value: at('nil') } } as const
    expect(() => build({ properties, required: ['x'] })).toThrow('output.x: is required and has no value')
    expect(build({ properties })).toEqual({})
  })

  it('leaves out what a run that was cut short cannot tell, except what is required', () => {
    const properties = {
      there: { type: 'integer', value: at('n') },
      missing: { type: 'string', value: at('nothing') },
    } as const
    expect(build({ properties }, true)).toEqual({ there: 7 })
    expect(() => build({ properties, required: ['missing'] }, true)).toThrow('output.missing')
  })

  it('gives no value of a wrong type, whatever comes', () => {
    const fits = {
      string: (v: unknown) => typeof v === 'string',
      integer: Number.isInteger,
      number: Number.isFinite,
      boolean: (v: unknown) => typeof v === 'boolean',
      object: (v: unknown) => typeof v === 'object' && v !== null && !Array.isArray(v),
      array: Array.isArray,
    }
    const types = fc.constantFrom(...(Object.keys(fits) as (keyof typeof fits)[]))
    const templates = { expand: (value: unknown) => value, test: () => true }
    fc.assert(
      fc.property(fc.jsonValue(), types, (value, type) => {
        const source = { templates, data: {}, partial: true }
        const result = buildOutput({ properties: { x: { type, value } } }, source)
        if ('x' in result) expect(fits[type](result['x'])).toBe(true)
      }),
    )
  })
})

describe('the advertised output schema', () => {
  it('says types, descriptions, defaults, nesting and what is required', () => {
    const spec: OutputSpec = {
      properties: {
        count: { type: 'integer', description: 'How many', value: 'x', default: 0 },
        user: {
          type: 'object',
          description: 'Who',
          properties: { name: { type: 'string', value: 'x' } },
          required: ['name'],
        },
      },
      required: ['count'],
    }
    expect(outputSchema(spec)).toEqual({
      type: 'object',
      properties: {
        count: { type: 'integer', description: 'How many', default: 0 },
        user: {
          type: 'object',
          properties: { name: { type: 'string' } },
          required: ['name'],
          description: 'Who',
        },
      },
      required: ['count'],
    })
  })
})
