import { describe, expect, it } from 'vitest'
import { errorsOf, warningsOf } from '../testing.ts'

const T = 'compositeTools[0]'
const PARAMETERS = `parameters:
      type: object
      properties:
        count: { type: integer }
        on: { type: boolean }
        name: { type: string }
        list: { type: array, items: { type: object, properties: { id: { type: integer } }, additionalProperties: false } }
        of: { type: object, properties: { a: { type: string } }, additionalProperties: false }
        any: {}
        maybe: { type: string }
        given: { type: string, default: x }
      required: [count, on, name, list, of, any]`

/** Step a; ask, which may be refused and go on; each, which goes over the list; last, after all of them. */
function flow(last: string, more: { each?: string; output?: string } = {}): string {
  const output =
    more.output === undefined ? '' : `    output: { properties: { o: { description: d, ${more.output} } } }\n`
  return `compositeTools:
  - name: t
    description: d
    ${PARAMETERS}
    steps:
      - { id: a, tool: x }
      - { id: ask, type: elicitation, message: m, schema: { type: object, properties: { env: { type: string } } }, onDecline: { action: continue } }
      - { id: each, type: forEach, collection: "{{ json .params.list }}", step: { tool: x, ${more.each ?? ''} } }
      - { id: last, dependsOn: [a, ask, each], tool: x, ${last} }
${output}`
}
const S = `${T}.steps[3]`

describe('a condition', () => {
  it.each([
    ['yes', 'error', 'is always "yes": a condition is true or false'],
    ['{{ printf "no" }}', 'error', 'is always "no": a condition is true or false'],
    ['{{ .params.count }}', 'error', 'is an integer: a condition is true or false'],
    ['{{ len .params.list }}', 'error', 'is an integer: a condition is true or false'],
    ['false', 'warning', 'is always false: the step never runs'],
    ['{{ not true }}', 'warning', 'is always false: the step never runs'],
  ])('%s is an %s', (condition, severity, message) => {
    const said = (severity === 'error' ? errorsOf : warningsOf)(flow(`condition: '${condition}'`))
    expect(said).toEqual([`${S}.condition: ${message}`])
  })

  it.each([
    'true',
    '{{ .params.on }}',
    '{{ gt .params.count 1 }}',
    '{{ .params.name }}',
    '{{ .params.any }}',
    "{{ .params.name == 'x' }}",
  ])('may be %s', (condition) => {
    const text = flow(`condition: ${JSON.stringify(condition)}`)
    expect([...errorsOf(text), ...warningsOf(text)]).toEqual([])
  })
})

describe('a collection', () => {
  const loop = (collection: string) =>
    flow(
      `arguments: {} }\n      - { id: loop, type: forEach, collection: ${JSON.stringify(collection)}, step: { tool: x }`,
    )

  it.each([
    ['{{ .params.count }}', 'is an integer: a collection is a list'],
    ['{{ .params.of }}', 'is an object: a collection is a list'],
    ['a, b', 'expected a template of a list, or the JSON text of one'],
  ])('is not %s', (collection, message) => {
    expect(errorsOf(loop(collection))).toEqual([`${T}.steps[4].collection: ${message}`])
  })

  it('that is empty has nothing run', () => {
    expect(warningsOf(loop('[]'))).toEqual([`${T}.steps[4].collection: is always empty: the step never runs`])
  })

  it.each(['{{ .params.list }}', '{{ json .params.list }}', '{{ .params.name }}', '[1, 2]'])(
    'may be %s',
    (collection) => {
      expect(errorsOf(loop(collection))).toEqual([])
    },
  )
})

describe('a value of the output', () => {
  it.each([
    ["type: integer, value: '{{ .params.on }}'", 'is a boolean, and can never be of type integer'],
    ["type: array, value: '{{ .params.count }}'", 'is an integer, and can never be of type array'],
    ["type: number, value: 'x'", 'can never be of type number'],
    ["type: array, value: '{}'", 'can never be of type array'],
  ])('cannot be %s', (property, message) => {
    expect(errorsOf(flow('', { output: property }))).toEqual([`${T}.output.properties.o.value: ${message}`])
  })

  it.each([
    "type: integer, value: '7'",
    "type: integer, value: '{{ .params.name }}'",
    "type: string, value: '{{ .params.count }}'",
    "type: array, value: '{{ .params.list }}'",
    "type: object, value: '{{ json .params.of }}'",
    "type: integer, value: '{{ .steps.each.output.count }}'",
    "type: integer, value: '{{ .params.on }}', default: 1",
  ])('may be %s', (property) => {
    expect(errorsOf(flow('', { output: property }))).toEqual([])
  })
})

describe('a reference', () => {
  const argument = (template: string) => `arguments: { v: ${JSON.stringify(template)} }`

  it.each([
    ['{{ .params.name.first }}', '.params.name has no first'],
    ['{{ .params.of.b }}', '.params.of has no b'],
    ['{{ .steps.each.output.items }}', '.steps.each.output has no items'],
    ['{{ .steps.ask.content.environment }}', '.steps.ask.content has no environment'],
    ['{{ .steps.a.status.code }}', '.steps.a.status has no code'],
  ])('%s leads nowhere', (template, message) => {
    expect(errorsOf(flow(argument(template)))).toEqual([
      expect.stringContaining(`${S}.arguments.v: ${message}`),
    ])
  })

  it('to what an item has not leads nowhere', () => {
    const inner = (template: string) => errorsOf(flow('', { each: argument(template) }))
    expect(inner('{{ .forEach.item.id }} {{ .forEach.index }}')).toEqual([])
    expect(inner('{{ .forEach.item.name }}')).toEqual([expect.stringContaining('.forEach.item has no name')])
  })

  it('to what callers may leave out is worth a warning, unless it is guarded', () => {
    const warned = (template: string, more = '') => warningsOf(flow(`${more}${argument(template)}`))
    const message = `${S}.arguments.v: callers may leave out "maybe", and then .params.maybe is missing, which is an error (at character 4 of it)`
    expect(warned('{{ .params.maybe }}')).toEqual([message])
    expect(warned('{{ default "x" .params.maybe }} {{ .params.given }}')).toEqual([])
    expect(warned('{{ if .params.maybe }}{{ .params.maybe }}{{ end }}')).toEqual([])
    expect(warned('{{ .params.maybe }}', 'condition: "{{ .params.maybe }}", ')).toEqual([])
  })

  it('to an answer that may not have been given is worth a warning, unless it is guarded', () => {
    const warned = (template: string) => warningsOf(flow(argument(template)))
    const message = `${S}.arguments.v: the step "ask" goes on when it is refused (onDecline), and then .steps.ask.output.content.env is missing, which is an error (at character 4 of it)`
    expect(warned('{{ .steps.ask.output.content.env }}')).toEqual([message])
    expect(warned('{{ default "x" .steps.ask.output.content.env }}')).toEqual([])
    expect(warned('{{ if .steps.ask.output.content.env }}y{{ end }}')).toEqual([])
    expect(warned('{{ .steps.ask.output.action }}')).toEqual([])
    const agreed = 'condition: \'{{ eq .steps.ask.output.action "accept" }}\''
    expect(warningsOf(flow(`${agreed}, ${argument('{{ .steps.ask.output.content.env }}')}`))).toEqual([])
  })
})

describe('default results', () => {
  const skipped = (where: string) => `compositeTools:
  - name: t
    description: d
    steps:
      - { id: a, tool: x, condition: "{{ .params.on }}" }
      - { id: b, dependsOn: [a], ${where} }
`
  const message = (by: string) =>
    `${T}.steps[0].defaultResults: defaultResults[text] is required: step "a" may be skipped and field "text" is referenced by ${T}.steps[1].${by}`

  it('are needed wherever they are read, which is a warning where it is deep within a step', () => {
    const text = '"{{ .steps.a.output.text }}"'
    expect(errorsOf(skipped(`tool: x, arguments: { v: ${text} }`))).toEqual([message('arguments.v')])
    expect(warningsOf(skipped(`tool: x, arguments: { v: [{ w: ${text} }] }`))).toContain(
      message('arguments.v[0].w'),
    )
    expect(warningsOf(skipped(`type: forEach, collection: ${text}, step: { tool: x }`))).toContain(
      message('collection'),
    )
    expect(
      warningsOf(skipped(`type: forEach, collection: "[1]", step: { tool: x, arguments: { v: ${text} } }`)),
    ).toContain(message('step.arguments.v'))
    const both = skipped(`tool: x, arguments: { u: [${text}], v: ${text} }`)
    expect(errorsOf(both)).toEqual([message('arguments.v')])
  })

  it('are not needed where a default stands ready', () => {
    expect(errorsOf(skipped(`tool: x, arguments: { v: '{{ default "" .steps.a.output.text }}' }`))).toEqual(
      [],
    )
  })
})

it('a step that waits for a cycle is never reached', () => {
  const text = `compositeTools:
  - name: t
    description: d
    steps:
      - { id: a, tool: x, dependsOn: [b] }
      - { id: b, tool: x, dependsOn: [a] }
      - { id: c, tool: x, dependsOn: [b] }
      - { id: d, tool: x, dependsOn: [c] }
      - { id: e, tool: x }
`
  expect(errorsOf(text)).toEqual([
    `${T}.steps[1].dependsOn[0]: dependency cycle: a → b → a`,
    `${T}.steps[2].dependsOn[0]: the step "c" is never reached: it waits for the cycle a → b → a`,
    `${T}.steps[3].dependsOn[0]: the step "d" is never reached: it waits for the cycle a → b → a`,
  ])
})
