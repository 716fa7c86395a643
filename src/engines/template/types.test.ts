import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { JsonObject } from '../../core/catalog.ts'
import { lookUp, mayFit, parseTemplate, typesOf, typesOfSchema } from './index.ts'

const DATA = {
  type: 'object',
  properties: {
    n: { type: 'integer' },
    list: { type: 'array' },
    either: { anyOf: [{ type: 'string' }, { const: null }] },
    choice: { enum: ['a', 1, 1.5] },
    of: { $ref: '#/$defs/of' },
    open: { type: 'object', additionalProperties: { type: 'boolean' } },
    any: {},
    round: { $ref: '#/properties/round' },
  },
  $defs: { of: { type: 'object', properties: { 'a/b': { type: 'string' } }, additionalProperties: false } },
}

it.each<[string, readonly string[] | undefined]>([
  ['text', ['string']],
  ['{{ .n }} of it', ['string']],
  ['{{ .n }}', ['integer']],
  ['{{ $.n }}', ['integer']],
  ['{{ .either }}', ['string', 'null']],
  ['{{ .choice }}', ['string', 'integer', 'number']],
  ['{{ .of }}', ['object']],
  ['{{ .open.x }}', ['boolean']],
  ['{{ .any.x }}', undefined],
  ['{{ .round }}', undefined],
  ['{{ json .list }}', ['string']],
  ['{{ .list | len }}', ['integer']],
  ['{{ eq .n 1 }}', ['boolean']],
  ['{{ .n | printf "%d" }}', ['string']],
  ['{{ default "x" .n }}', ['string', 'integer']],
  ['{{ .n | default 1.5 }}', ['number', 'integer']],
  ['{{ fromJson "1" }}', undefined],
  ['{{ and .n .list }}', undefined],
  ['{{ if .n }}1{{ end }}', ['string']],
])('%s gives %j', (template, types) => {
  const found = typesOf(template, DATA)
  expect(found && [...found]).toEqual(types)
})

it('finds what a schema has at a path, and what it has not', () => {
  expect(lookUp(['of', 'a/b'], DATA)).toEqual({ found: { type: 'string' } })
  expect(lookUp(['of', 'c'], DATA)).toEqual({ found: undefined, at: ['of'], key: 'c', names: ['a/b'] })
  expect(lookUp(['n', 'c', 'd'], DATA)).toEqual({ found: undefined, at: ['n'], key: 'c', names: [] })
  expect(lookUp(['any', 'c', 'd'], DATA)).toEqual({ found: true })
  expect(typesOfSchema(true, DATA)).toBeUndefined()
})

it('text may be what reads as it, and numbers can be written as text; nothing else may', () => {
  const fits = (given: string, wanted: string) =>
    mayFit(new Set([given as never]), new Set([wanted as never]))
  expect(fits('string', 'integer')).toBe(true)
  expect(fits('string', 'boolean')).toBe(true)
  expect(fits('integer', 'number')).toBe(true)
  expect(fits('number', 'integer')).toBe(true)
  expect(fits('string', 'array')).toBe(false)
  expect(fits('integer', 'string')).toBe(true)
  expect(fits('boolean', 'integer')).toBe(false)
  expect(fits('array', 'string')).toBe(false)
  expect(mayFit(undefined, new Set(['array']))).toBe(true)
})

/** Of exactly this value. */
function schemaOf(value: unknown): JsonObject {
  if (value === null) return { const: null }
  if (Array.isArray(value)) return { type: 'array' }
  if (typeof value !== 'object') return { const: value }
  const properties = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, schemaOf(member)]))
  return { type: 'object', properties, additionalProperties: false }
}

it('never says of a template of the corpus that it gives what it does not', () => {
  const file = new URL('./golden/corpus.json', import.meta.url)
  const { data, cases } = JSON.parse(readFileSync(file, 'utf8')) as {
    data: Readonly<Record<string, unknown>>
    cases: readonly { readonly template: string; readonly data: string }[]
  }
  let judged = 0
  for (const { template, data: name } of cases) {
    let value: unknown
    try {
      value = parseTemplate(template).evaluate(data[name])
    } catch {
      continue
    }
    const types = typesOf(template, schemaOf(data[name]))
    if (types === undefined) continue
    judged++
    expect([...types], template).toEqual(
      expect.arrayContaining([...(typesOfSchema({ const: value }, {}) ?? [])]),
    )
  }
  expect(judged).toBeGreaterThan(500)
})
