import { expect, it } from 'vitest'
import { parseTemplate } from './index.ts'

function paths(text: string): string[] {
  return parseTemplate(text)
    .references()
    .map(({ path }) => path.join('.'))
}

it.each([
  ['{{.a.b}} {{.c}}', ['a.b', 'c']],
  ['{{$.a.b}}', ['a.b']],
  ['{{(.a).b}}', ['a.b']],
  ['{{with .a.b}}{{.c}}{{$.d}}{{else}}{{.e}}{{end}}', ['a.b', 'a.b.c', 'd', 'e']],
  ['{{$x := .a}}{{$x.b}}', ['a', 'a.b']],
  ['{{index .steps "my-step" "output"}}', ['steps', 'steps.my-step.output']],
  ['{{(index .steps "my-step").x}}', ['steps', 'steps.my-step', 'steps.my-step.x']],
  ['{{index .list 0 "x"}}', ['list']],
  ['{{range .list}}{{.x}}{{$.y}}{{end}}', ['list', 'y']],
  ['{{range $i, $e := .list}}{{$e.x}}{{end}}', ['list']],
  ['{{template "t" .a}}{{define "t"}}{{.b}}{{$.c}}{{end}}', ['a', 'a.b', 'a.c']],
  ['{{template "t" .}}{{define "t"}}{{.b}}{{template "t" .b}}{{end}}', ['b', 'b']],
  ['{{define "unused"}}{{.a}}{{end}}', []],
  ['{{printf "%s" .a | eq .b}}', ['a', 'b']],
  ["{{.a == 'x' && .b}}", ['a', 'b']],
  ['{{.}}{{$}}text', []],
])('%s refers to %j', (text, expected) => {
  expect(paths(text)).toEqual(expected)
})

it('says where, and what guards it', () => {
  const text = '{{.a}}\n{{default .b .c}}{{.d | default "x"}}{{if .e}}{{.f}}{{end}}{{and .g (not .h)}}'
  const guards = parseTemplate(text)
    .references()
    .map(({ path, line, column, inDefault, inCondition }) => [path[0], line, column, inDefault, inCondition])
  expect(guards).toEqual([
    ['a', 1, 3, false, false],
    ['b', 2, 11, false, false],
    ['c', 2, 14, true, false],
    ['d', 2, 20, true, false],
    ['e', 2, 43, false, true],
    ['f', 2, 49, false, false],
    ['g', 2, 66, false, true],
    ['h', 2, 74, false, true],
  ])
})

it('ends for templates that multiply their paths', () => {
  const doubling = Array.from(
    { length: 40 },
    (_, i) => `{{define "t${i}"}}{{template "t${i + 1}" .a}}{{template "t${i + 1}" .b}}{{end}}`,
  )
  const text = `${doubling.join('')}{{define "t40"}}{{.x}}{{end}}{{template "t0" .}}`
  expect(parseTemplate(text).references().length).toBeLessThanOrEqual(10_000)
})
