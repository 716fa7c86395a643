import { describe, expect, it } from 'vitest'
import { parseTemplate, TemplateError } from './index.ts'

const DATA = {
  params: { title: 'Login fails', count: 3, big: 1_234_567, on: false, items: [1, { a: 2 }], none: null },
  steps: { a: { output: { id: 42, action: 'accept' } } },
}

function failure(work: () => unknown): TemplateError {
  try {
    work()
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new Error('it did not fail')
}

function renderFailure(text: string, data: unknown = DATA): TemplateError {
  return failure(() => parseTemplate(text).render(data))
}

describe('a template that is one action', () => {
  it.each([
    ['{{.params.count}}', 3],
    ['{{.params.on}}', false],
    ['{{.params.items}}', [1, { a: 2 }]],
    ['{{.params}}', DATA.params],
    ['{{.params.none}}', null],
    ['{{- .params.count -}}', 3],
    ['{{/* c */}}{{.params.count}}{{define "x"}}{{end}}', 3],
    ['{{len .params.items}}', 3 - 1],
    ['{{eq .params.count 3}}', true],
    ['{{.params.title | default "x"}}', 'Login fails'],
    ['{{fromJson "[1]"}}', [1]],
    ['{{1_000}}', 1000],
  ])('keeps its type: %s', (text, value) => {
    expect(parseTemplate(text).evaluate(DATA)).toEqual(value)
  })

  it.each([
    [' {{.params.count}}', ' 3'],
    ['{{.params.count}}{{.params.on}}', '3false'],
    ['{{$x := .params.count}}', ''],
    ['{{if .params.count}}{{.params.count}}{{end}}', '3'],
    ['plain', 'plain'],
    ['', ''],
  ])('is text when it is more than that: %j', (text, value) => {
    expect(parseTemplate(text).evaluate(DATA)).toBe(value)
  })
})

describe('a missing reference', () => {
  it('names the path, where it breaks off, what is there, and the mend', () => {
    expect(renderFailure('{{.steps.a.output.x}}')).toMatchObject({
      code: 'missing',
      message:
        "steps.a.output.x is missing: 'output' has no 'x'; has: id, action; where it may be missing, write {{default \"…\" .steps.a.output.x}}",
    })
  })

  it.each([
    ['{{.nope.x}}', "nope.x is missing: the data has no 'nope'; has: params, steps"],
    ['{{.params.none.x}}', "params.none.x is missing: 'none' is null"],
    ['{{.params.title.x}}', "params.title.x is missing: 'title' is a string, which has no 'x'"],
    ['{{.params.items.x}}', "params.items.x is missing: 'items' is a list of 2, use index or range"],
    ['{{$.steps.b}}', "steps.b is missing: 'steps' has no 'b'; has: a"],
    ['{{with .steps}}{{.b}}{{end}}', ".b is missing: '.' has no 'b'; has: a"],
    ['{{$s := .steps}}{{$s.b.c}}', "$s.b.c is missing: '$s' has no 'b'; has: a"],
    ['{{$s := .steps.b}}{{$s}}', "steps.b is missing: 'steps' has no 'b'; has: a"],
    ['{{(index .params.items 1).b}}', "(…).b is missing: '(…)' has no 'b'; has: a"],
    ['{{index .params "q"}}', 'index "q" is missing: the value has no \'q\''],
    ['{{index .params.items 5}}', 'index "5" is missing: the value is a list of 2, counted from 0'],
  ])('%s says: %s', (text, message) => {
    expect(renderFailure(text).message).toContain(message)
  })

  it('names few and short keys only', () => {
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}`.repeat(60), 0]))
    expect(renderFailure('{{.x}}', wide).message.length).toBeLessThan(600)
  })

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'length'])('is .%s', (name) => {
    expect(renderFailure(`{{.${name}}}`, {}).code).toBe('missing')
    expect(renderFailure(`{{.x.${name}}}`, { x: [] }).code).toBe('missing')
    expect(renderFailure(`{{.x.${name}}}`, { x: 's' }).code).toBe('missing')
    expect(renderFailure(`{{index . "${name}"}}`, {}).code).toBe('missing')
  })

  it('is not one when the data have such a name of their own', () => {
    expect(parseTemplate('{{.__proto__}}').render(JSON.parse('{"__proto__": "mine"}'))).toBe('mine')
  })

  it.each([
    ['{{.params.x}}', false],
    ['{{eq .params.x "a"}}', false],
    ['{{ne .params.x "a"}}', true],
    ["{{.params.x == 'a'}}", false],
    ['{{and .params.count .params.x}}', false],
    ['{{not .params.x}}', true],
    ['{{.params.count}}', 3],
    ['{{.params.count}} ', '3 '],
  ])('as the test of a workflow step, %s is %s', (text, value) => {
    expect(parseTemplate(text).test(DATA)).toBe(value)
  })

  it('is an error where a test would need its value', () => {
    expect(failure(() => parseTemplate('{{gt .params.x 3}}').test(DATA)).code).toBe('missing')
  })
})

describe('numbers', () => {
  it('print as Go prints them, or plain when asked', () => {
    const template = parseTemplate('{{.params.big}} {{print .params.big}} {{printf "%v" .params}}')
    expect(template.render({ params: { big: 1_234_567 } })).toBe(
      '1.234567e+06 1.234567e+06 map[big:1.234567e+06]',
    )
    expect(template.render({ params: { big: 1_234_567 } }, { numbers: 'plain' })).toBe(
      '1234567 1234567 map[big:1234567]',
    )
  })

  it('have an exponent from 1e21 on even when plain', () => {
    expect(parseTemplate('{{.}} ').render(1e21, { numbers: 'plain' })).toBe('1e+21 ')
    expect(parseTemplate('{{.}} ').render(123456789012345680000, { numbers: 'plain' })).toBe(
      '123456789012345680000 ',
    )
  })
})

describe('a template that cannot be read', () => {
  it.each([
    ['{{.x', 1, 1, 'close it with }}'],
    ['a\n  {{foo}}', 2, 5, 'for data write .foo'],
    ['{{if .x}}\n\nabc', 1, 3, 'write {{end}}'],
    ['{{end}}', 1, 3, 'no {{if}}, {{range}} or {{with}} is open'],
    ['{{.my-step}}', 1, 6, 'write index'],
    ['{{$x}}', 1, 3, '{{$x := …}}'],
    ['{{len}}', 1, 3, 'len takes 1 argument, not 0'],
    ['{{template "x"}}', 1, 12, '{{define "x"}}'],
    ['{{"a\\q"}}', 1, 5, 'backquotes'],
    ['{{!.x}}', 1, 3, 'write not'],
    ['{{1 + 2}}', 1, 5, 'cannot calculate'],
    ['{{99999999999999999999}}', 1, 3, 'write it with a decimal point'],
    ['{{.x | .y}}', 1, 8, 'behind | stands a function'],
    ['{{break}}', 1, 3, 'outside of a {{range}}'],
    ['{{/* x }}', 1, 1, 'close it with */}}'],
    ['{{.a == .b == .c}}', 1, 12, 'an action ends with }}'],
    ['{{"a" == }}', 1, 10, 'a value is expected'],
  ])('%j says where and what to do', (text, line, column, message) => {
    const error = failure(() => parseTemplate(text))
    expect(error).toMatchObject({ line, column, message: expect.stringContaining(message) })
    expect(error.code).toBe('syntax')
  })
})

it('places a failure of the run', () => {
  expect(renderFailure('abc\n{{ len .params.count }}')).toMatchObject({ code: 'type', line: 2, column: 4 })
})

it('does not quote a value in an error', () => {
  const secret = 'hunter2'
  for (const text of [
    '{{fromJson .}}',
    '{{. | index 1}}',
    '{{lt . 1}}',
    '{{eq . 1}}',
    '{{.x}}',
    '{{len 1 | index .}}',
    '{{call .}}',
  ]) {
    expect(renderFailure(text, secret).message).not.toContain(secret)
  }
})

it('gives the same output however often and for whatever data it runs', () => {
  const template = parseTemplate('{{$x := 0}}{{range .}}{{$x = .}}{{end}}{{$x}}')
  expect([[1, 2], [], [5]].map((data) => template.render(data))).toEqual(['2', '0', '5'])
})
