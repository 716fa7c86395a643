import { describe, expect, it } from 'vitest'
import { errorsOf, warningsOf } from '../testing.ts'

const T = 'compositeTools[0]'

/** Steps a, b after a, c after b, and a loop after a, with `text` in one place. */
function flow(at: 'a' | 'b' | 'c' | 'each' | 'inner' | 'output', text: string, more = ''): string {
  const value = (place: string) => JSON.stringify(place === at ? text : '')
  const parameters =
    more || 'parameters: {type: object, properties: {known: {type: string}}, required: [known]}'
  return `compositeTools:
  - name: t
    description: d
    ${parameters}
    steps:
      - {id: a, tool: x, arguments: {v: ${value('a')}}}
      - {id: b, tool: x, dependsOn: [a], arguments: {v: [{w: ${value('b')}}]}}
      - {id: c-1, tool: x, dependsOn: [b], arguments: {v: ${value('c')}}}
      - id: each
        type: forEach
        dependsOn: [a]
        collection: ${value('each') === '""' ? '"[1]"' : value('each')}
        itemVar: one
        step: {tool: x, arguments: {v: ${value('inner')}}}
    output: {properties: {o: {type: string, description: d, value: ${at === 'output' ? JSON.stringify(text) : 'v'}}}}
`
}

describe('a template may refer to', () => {
  it.each<[Parameters<typeof flow>[0], string]>([
    ['a', '{{ .params.known }} {{ .workflow.id }} {{ .vars.x }} {{ json .params }} {{ json .steps }}'],
    [
      'b',
      '{{ .steps.a.output.any.thing }} {{ .steps.a.status }} {{ .steps.a.content.text }} {{ .steps.a.error }}',
    ],
    ['c', '{{ .steps.a.output.x }} {{ with .steps.b }}{{ .output.x }}{{ end }}'],
    ['each', '{{ json .steps.a.output.items }}'],
    ['inner', '{{ .forEach.one }} {{ .forEach.index }} {{ .steps.a.output.x }}'],
    [
      'output',
      '{{ .steps.a.output.x }} {{ index .steps "c-1" "output" "x" }} {{ .steps.each.output.count }}',
    ],
  ])('what is there then: %s: %s', (at, text) => {
    expect(errorsOf(flow(at, text))).toEqual([])
    expect(warningsOf(flow(at, text))).toEqual([])
  })
})

describe('a template may not refer to', () => {
  it.each<[Parameters<typeof flow>[0], string, string]>([
    ['a', 'x {{ .parms.known }}', 'steps[0].arguments.v: there is no .parms (at character 6 of it)'],
    [
      'b',
      '{{ .steps.aa.output }}',
      'steps[1].arguments.v[0].w: there is no step "aa" (at character 4 of it)',
    ],
    ['b', '{{ .steps.b.output }}', 'steps[1].arguments.v[0].w: the step "b" may not have run by then'],
    ['a', '{{ if .steps.b.output }}{{ end }}', 'steps[0].arguments.v: the step "b" may not have run by then'],
    ['each', '{{ .steps.b.output }}', 'steps[3].collection: the step "b" may not have run by then'],
    ['inner', '{{ .steps.b.output }}', 'steps[3].step.arguments.v: the step "b" may not have run by then'],
    ['inner', '{{ .forEach.item }}', 'steps[3].step.arguments.v: .forEach has no item'],
    ['each', '{{ .forEach.one }}', 'steps[3].collection: .forEach is only known in the repeated step'],
    ['c', '{{ .steps.a.outptu.x }}', 'steps[2].arguments.v: a step has no outptu'],
    ['c', '{{ .workflow.name }}', 'steps[2].arguments.v: .workflow has no name'],
    ['output', '{{ .steps.d.output }}', 'output.properties.o.value: there is no step "d"'],
  ])('what is not: %s: %s', (at, text, error) => {
    expect(errorsOf(flow(at, text))).toEqual([expect.stringContaining(`${T}.${error}`)])
  })
})

describe('a parameter that the schema does not name', () => {
  const text = '{{ .params.unknown }}'
  it('is warned of', () => {
    const warning = [`${T}.steps[0].arguments.v: parameters do not name "unknown" (at character 4 of it)`]
    expect(warningsOf(flow('a', text))).toEqual(warning)
    expect(warningsOf(flow('a', text, 'timeout: 1s'))).toEqual(warning)
  })

  it('is fine where the schema says what further ones are', () => {
    expect(warningsOf(flow('a', text, 'parameters: {type: object, additionalProperties: true}'))).toEqual([])
  })
})
