import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { effort } from '../../test/fixtures/effort.ts'
import type { Call } from '../core/call.ts'
import { DEFAULT_AGGREGATION } from '../core/config.ts'
import { RawObject } from '../core/raw.ts'
import { aggregate } from './aggregate.ts'
import { createRoutes } from './routes.ts'
import { FUEL, matchTemplate } from './template/match.ts'
import { parseTemplate } from './template/parse.ts'

function matches(template: string, uri: string): boolean {
  const parts = parseTemplate(template)
  return parts !== undefined && matchTemplate(parts, uri, { left: FUEL })
}

describe('a template', () => {
  test.each([
    ['note://{id}', 'note://7'],
    ['note://{id}', 'note://a%20b'],
    ['note://{id}', 'note://a b,c'],
    ['note://{id}/body', 'note://7/body'],
    ['x://{a}-{b}', 'x://1-2-3'],
    ['x://{a}{b}', 'x://12'],
    ['file:///{+path}', 'file:///a/b/c.txt'],
    ['file:///{+path}.{ext}', 'file:///a/b.c/d.txt'],
    ['file://{/dir}', 'file:///a'],
    ['file://{/dir}', 'file://'],
    ['file://{/a,b}/end', 'file:///1/2/end'],
    ['file://{/a*}', 'file:///1/2/3/4'],
    ['x://y{.ext}', 'x://y.tar.gz'],
    ['x://y{#part}', 'x://y#a/b?c'],
    ['x://y{;a,b}', 'x://y;a=1;b'],
    ['s://find{?q,lang}', 's://find'],
    ['s://find{?q,lang}', 's://find?q=x'],
    ['s://find{?q,lang}', 's://find?lang=en&q=a/b?c'],
    ['s://find{?q,lang}', 's://find?q='],
    ['s://find?fixed=1{&q}', 's://find?fixed=1&q=x'],
    ['s://find{?more*}', 's://find?a=1&b=2'],
    ['s://{a}{?q}{#f}', 's://x?q=1#top'],
    ['s://{id:3}', 's://abc'],
    ['plain://no/expression', 'plain://no/expression'],
  ])('%s covers %s', (template, uri) => {
    expect(matches(template, uri)).toBe(true)
  })

  test.each([
    ['note://{id}', 'note://'],
    ['note://{id}', 'note://a/b'],
    ['note://{id}', 'note://a?b'],
    ['note://{id}', 'other://7'],
    ['note://{id}', 'xnote://7'],
    ['note://{id}/body', 'note://7/bod'],
    ['note://{id}/body', 'note://7/body/more'],
    ['file:///{+path}', 'file:///'],
    ['file://{/a,b}', 'file:///1/2/3'],
    ['s://find{?q}', 's://find?other=1'],
    ['s://find{?q}', 's://find?q=1&other=2'],
    ['s://find{?q}', 's://findq=1'],
    ['s://find{?q}', 's://find?q=1#part'],
    ['s://find{?q}', 's://find?toString=1'],
    ['x://{', 'x://{'],
    ['x://}', 'x://}'],
    ['x://{}', 'x://'],
    ['x://{a b}', 'x://1'],
    ['x://{=a}', 'x://1'],
    ['x://{a}', `x://${'1'.repeat(9000)}`],
  ])('%s does not cover %s', (template, uri) => {
    expect(matches(template, uri)).toBe(false)
  })

  const value = fc.string({
    unit: fc.constantFrom('a', 'b', '-', '.', ' ', 'é', '%2F', '=', ':'),
    minLength: 1,
    maxLength: 4,
  })
  const simple = fc.tuple(fc.constant('{v}'), value)
  const literal = fc.constantFrom('a', '-', '/', 'ab/', '.').map((text) => [text, text] as const)
  const reserved = fc.tuple(
    fc.constant('{+v}'),
    fc.tuple(value, value).map((both) => both.join('/')),
  )
  const segments = fc
    .array(value, { maxLength: 2 })
    .map((all) => ['{/v,w}', all.map((it) => `/${it}`).join('')] as const)
  const query = fc
    .subarray(['v', 'w'])
    .chain((names) =>
      fc
        .tuple(...names.map((name) => value.map((it) => `${name}=${it}`)))
        .map((pairs) => ['{?v,w}', pairs.length > 0 ? `?${pairs.join('&')}` : ''] as const),
    )

  test('covers whatever it expands to', () => {
    const body = fc.array(fc.oneof(simple, literal, reserved, segments), { maxLength: 8 })
    fc.assert(
      fc.property(body, query, (pieces, end) => {
        const all = [...pieces, end]
        const template = all.map(([text]) => text).join('')
        expect(matches(`x://${template}`, `x://${all.map(([, expanded]) => expanded).join('')}`)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('of literals and simple expressions covers what the like regular expression covers', () => {
    const piece = fc.constantFrom('{v}', 'a', 'b', '/', 'ab')
    const uri = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), uri, (pieces, text) => {
        const like = new RegExp(`^${pieces.map((it) => (it === '{v}' ? '[^/?#]+' : it)).join('')}$`)
        expect(matches(pieces.join(''), text)).toBe(like.test(text))
      }),
      { numRuns: 2000 },
    )
  })

  test('made to be slow is not', () => {
    const hostile = [
      '{a}'.repeat(64),
      '{+a}'.repeat(64),
      `${'{+a}a'.repeat(31)}b`,
      `{+a}${'a'.repeat(2000)}b`,
      '{?a*}{&b*}{;c*}{/d*}'.repeat(16),
    ]
    const uris = ['a'.repeat(8192), '/a'.repeat(4096), '?a=1&a'.repeat(1300)]
    const spent = effort()
    for (const template of hostile) for (const uri of uris) matches(template, `${uri}c`.slice(-8192))
    expect(spent()).toBeLessThan(1500)
  })

  test('any text at all is answered', () => {
    const unit = fc.constantFrom('{', '}', '?', '&', '/', '#', ';', '.', '+', '*', ',', '=', 'a', ':', '1')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), fc.string({ unit, maxLength: 30 }), (template, uri) => {
        expect(typeof matches(template, uri)).toBe('boolean')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a call', () => {
  const offer = {
    tools: [{ name: 't' }],
    prompts: [{ name: 'p' }],
    resources: [{ uri: 'x://a' }, { uri: 'x://{lit}' }],
    templates: [{ uriTemplate: 'x://{id}' }, { uriTemplate: 'x://{lit}' }, { uriTemplate: 'x://{+any}' }],
  }
  const { catalog } = aggregate([{ backend: 'b', offer }], DEFAULT_AGGREGATION)
  const routes = createRoutes(catalog)
  const params = RawObject.empty
  const resource = (uri: string) => routes.find({ kind: 'resource', uri, params })

  test.each<[string, Call, object | undefined]>([
    ['of a tool', { kind: 'tool', name: 'b_t', params }, { kind: 'tool', origin: { name: 't' } }],
    ['of an unknown tool', { kind: 'tool', name: 't', params }, undefined],
    ['of what objects inherit', { kind: 'tool', name: 'constructor', params }, undefined],
    ['of a prompt', { kind: 'prompt', name: 'b_p', params }, { kind: 'prompt', origin: { name: 'p' } }],
    [
      'that completes for a prompt',
      { kind: 'completion', ref: { type: 'ref/prompt', name: 'b_p' }, params },
      { kind: 'prompt' },
    ],
    [
      'that completes for a template',
      { kind: 'completion', ref: { type: 'ref/resource', uri: 'x://{id}' }, params },
      { kind: 'template' },
    ],
    [
      'that completes for a resource',
      { kind: 'completion', ref: { type: 'ref/resource', uri: 'x://a' }, params },
      { kind: 'resource' },
    ],
    [
      'that completes for nothing',
      { kind: 'completion', ref: { type: 'ref/prompt', name: 'p' }, params },
      undefined,
    ],
  ])('%s finds what is meant', (_, call, item) => {
    if (item === undefined) expect(routes.find(call)).toBeUndefined()
    else expect(routes.find(call)).toMatchObject(item)
  })

  test('for a resource finds the exact URI, then the exact template, then the first template that covers it', () => {
    expect(resource('x://a')).toMatchObject({ kind: 'resource', uri: 'x://a' })
    expect(resource('x://{lit}')).toMatchObject({ kind: 'resource' })
    expect(resource('x://{id}')).toMatchObject({ kind: 'template', uriTemplate: 'x://{id}' })
    expect(resource('x://b/c')).toMatchObject({ kind: 'template', uriTemplate: 'x://{+any}' })
    expect(resource('y://a')).toBeUndefined()
  })
})
