import { describe, expect, it } from 'vitest'
import { faultsOf, warningsOf } from '../testing.ts'

const tool = (steps: string, more = '') =>
  `compositeTools: [{name: t, description: d, steps: [${steps}]${more}}]\n`
const T = 'compositeTools[0]'
const S = `${T}.steps[0]`
const ASK = 'schema: {type: object}, message: m'
const LOOP = "collection: '{{ .params.a }}'"

type Case = readonly [bad: string, error: string, good: string]

const CASES: readonly Case[] = [
  [
    'compositeTools: [{name: t, description: d, steps: [{id: a, tool: x}]}, {name: t, description: d, steps: [{id: a, tool: x}]}]\n',
    'compositeTools[1].name: the composite tool "t" is already defined by compositeTools[0].name',
    'compositeTools: [{name: t, description: d, steps: [{id: a, tool: x}]}, {name: u, description: d, steps: [{id: a, tool: x}]}]\n',
  ],
  [
    'compositeTools: [{name: t, steps: [{id: a, tool: x}]}]\n',
    `${T}.description: required: expected text`,
    tool('{id: a, tool: x}'),
  ],
  [tool(''), `${T}.steps: must not be empty`, tool('{id: a, tool: w.x}')],
  [tool('{tool: x}'), `${S}.id: required: expected text`, tool('{id: a-1, type: tool, tool: x_y-z.a}')],
  [
    tool('{id: a, tool: "-x"}'),
    `${S}.tool: expected the name of a tool, or workload.tool`,
    tool('{id: a, tool: 9x}'),
  ],
  [
    tool('{id: a}'),
    `${S}.type: required: expected one of tool, elicitation, forEach`,
    tool(`{id: a, type: elicitation, ${ASK}}`),
  ],
  [
    tool('{id: a, tool: x, message: m}'),
    `${S}.type: ambiguous: the step has both tool and message`,
    tool('{id: a, type: tool, tool: x, message: m}'),
  ],
  [
    tool('{id: a, type: tool}'),
    `${S}.tool: required: a step of type tool needs tool`,
    tool('{id: a, type: tool, tool: x}'),
  ],
  [
    tool('{id: a, type: elicitation, message: m}'),
    `${S}.schema: required: a step of type elicitation needs schema`,
    tool(
      `{id: a, type: elicitation, ${ASK}, onDecline: {action: skip_remaining}, onCancel: {action: abort}}`,
    ),
  ],
  [
    tool(`{id: a, type: elicitation, ${ASK}, onDecline: {action: stop}}`),
    `${S}.onDecline.action: expected one of abort, continue, skip_remaining, found "stop"`,
    tool(`{id: a, type: elicitation, ${ASK}, onDecline: {action: continue}}`),
  ],
  [
    tool('{id: a, type: forEach, step: {tool: x}}'),
    `${S}.collection: required: a step of type forEach needs collection`,
    tool(`{id: a, type: forEach, ${LOOP}, step: {tool: x}}`),
  ],
  [
    tool(`{id: a, type: forEach, ${LOOP}}`),
    `${S}.step: required: a step of type forEach needs step`,
    tool(`{id: a, type: forEach, ${LOOP}, step: {id: i, type: tool, tool: x}}`),
  ],
  [
    tool(`{id: a, type: forEach, ${LOOP}, step: {arguments: {}}}`),
    `${S}.step.tool: required: the repeated step needs tool`,
    tool(`{id: a, type: forEach, ${LOOP}, maxParallel: 50, maxIterations: 1000, step: {tool: x}}`),
  ],
  [
    tool(`{id: a, type: forEach, ${LOOP}, maxParallel: 51, step: {tool: x}}`),
    `${S}.maxParallel: must be at most 50`,
    tool(`{id: a, type: forEach, ${LOOP}, maxParallel: 0, step: {tool: x}}`),
  ],
  [
    tool(`{id: a, type: forEach, ${LOOP}, maxIterations: 1001, step: {tool: x}}`),
    `${S}.maxIterations: must be at most 1000`,
    tool(`{id: a, type: forEach, ${LOOP}, maxIterations: 0, step: {tool: x}}`),
  ],
  [
    tool(`{id: a, type: forEach, ${LOOP}, itemVar: index, step: {tool: x}}`),
    `${S}.itemVar: index is the number of the iteration; choose another name`,
    tool(`{id: a, type: forEach, ${LOOP}, itemVar: one, step: {tool: x}}`),
  ],
  [
    tool(`{id: a, type: forEach, ${LOOP}, itemVar: a-b, step: {tool: x}}`),
    `${S}.itemVar: expected an identifier: letters, digits and _`,
    tool(`{id: a, type: forEach, ${LOOP}, itemVar: a_b, step: {tool: x}}`),
  ],
  [
    tool('{id: a, tool: x}, {id: a, tool: y}'),
    `${T}.steps[1].id: the step id "a" is already taken by ${S}.id`,
    tool('{id: a, tool: x}, {id: b, tool: y}'),
  ],
  [
    tool('{id: a, tool: x, dependsOn: [b]}'),
    `${S}.dependsOn[0]: there is no step "b"`,
    tool('{id: a, tool: x, dependsOn: [b]}, {id: b, tool: x}'),
  ],
  [
    tool('{id: a, tool: x, dependsOn: [a]}'),
    `${S}.dependsOn[0]: dependency cycle: a → a`,
    tool('{id: a, tool: x, dependsOn: []}'),
  ],
  [
    tool(
      '{id: a, tool: x, dependsOn: [c]}, {id: b, tool: x, dependsOn: [a]}, {id: c, tool: x, dependsOn: [b]}',
    ),
    `${T}.steps[1].dependsOn[0]: dependency cycle: a → c → b → a`,
    tool('{id: a, tool: x}, {id: b, tool: x, dependsOn: [a]}, {id: c, tool: x, dependsOn: [a, b]}'),
  ],
  [
    tool('{id: a, tool: x, onError: {action: retry}}'),
    `${S}.onError.retryCount: action retry needs retryCount of at least 1`,
    tool('{id: a, tool: x, onError: {action: retry, retryCount: 1, retryDelay: 2s}}'),
  ],
  [
    tool('{id: a, tool: x, onError: {action: giveUp}}'),
    `${S}.onError.action: expected one of abort, continue, retry, found "giveUp"`,
    tool('{id: a, tool: x, onError: {action: continue}}'),
  ],
  [
    tool("{id: a, tool: x, condition: '{{ .params.a'}"),
    `${S}.condition: not a template: this action has no end; close it with }} (at character 1 of it)`,
    tool('{id: a, tool: x, condition: \'{{ eq .params.a "}}" }}\'}'),
  ],
  [
    tool("{id: a, tool: x, arguments: {b: [{c: '{{'}]}}"),
    `${S}.arguments.b[0].c: not a template: this action has no end; close it with }} (at character 1 of it)`,
    tool("{id: a, tool: x, arguments: {b: [{c: '{{/* }} */}} {'}]}}"),
  ],
  [
    tool("{id: a, tool: x, arguments: {b: 'a {{ nope .x }}'}}"),
    `${S}.arguments.b: not a template: there is no function "nope"; for data write .nope, for text "nope" (at character 6 of it)`,
    tool("{id: a, tool: x, arguments: {b: 'a {{ .params.x }}'}}"),
  ],
  [
    tool('{id: a, tool: x, arguments: {b: "a\\n {{ $c }}"}}'),
    `${S}.arguments.b: not a template: the variable $c is not declared; write {{$c := …}} before (at line 2, character 5 of it)`,
    tool('{id: a, tool: x, arguments: {b: "a\\n {{ $c := 1 }}{{ $c }}"}}'),
  ],
  [
    tool(`{id: a, type: forEach, ${LOOP}, step: {tool: x, arguments: {b: '{{ end }}'}}}`),
    `${S}.step.arguments.b: not a template: unexpected "end"; no {{if}}, {{range}} or {{with}} is open (at character 4 of it)`,
    tool(`{id: a, type: forEach, ${LOOP}, step: {tool: x, arguments: {b: '{{ .forEach.item }}'}}}`),
  ],
  [
    tool('{id: a, tool: x}', ', parameters: {type: object, properties: {n: {type: strin}}}'),
    `${T}.parameters: not a JSON Schema: properties.n.type: must be one of "array", "boolean", "integer", "null", "number", "object", "string"`,
    tool('{id: a, tool: x}', ', parameters: {type: object, properties: {n: {type: [string, "null"]}}}'),
  ],
  [
    tool('{id: a, type: elicitation, message: m, schema: {type: object, required: ok}}'),
    `${S}.schema: not a JSON Schema: required: must be array`,
    tool('{id: a, type: elicitation, message: m, schema: {type: object, required: [ok]}}'),
  ],
  [
    tool('{id: a, tool: x}', ', timeout: -1s'),
    `${T}.timeout: invalid duration: expected something like "30s", "1m30s" or "1.5h", found "-1s"`,
    tool('{id: a, tool: x, timeout: 0s}', ', timeout: 0s'),
  ],
  [
    tool('{id: a, tool: x}', ', parameters: {type: string}'),
    `${T}.parameters.type: expected object`,
    tool(
      '{id: a, tool: x}',
      ', parameters: {type: object, properties: {any_name: {type: string}}, required: [any_name]}',
    ),
  ],
  [
    tool('{id: a, tool: x}', ', parameters: {properties: {}}'),
    `${T}.parameters: expected a JSON Schema with type: object`,
    tool('{id: a, tool: x}', ', parameters: {}'),
  ],
  [
    tool('{id: a, tool: x}', ', parameters: {type: object, properties: [a]}'),
    `${T}.parameters.properties: expected a mapping`,
    tool('{id: a, tool: x}', ', parameters: {type: object}'),
  ],
  [
    tool('{id: a, tool: x}', ', parameters: {type: object, required: a}'),
    `${T}.parameters.required: expected a list`,
    tool('{id: a, tool: x}', ', parameters: {type: object, required: []}'),
  ],
  [
    tool(
      "{id: a, tool: x, condition: '{{ true }}'}, {id: b, tool: x, arguments: {c: '{{ .steps.a.output.text }}'}}",
    ),
    `${S}.defaultResults: defaultResults[text] is required: step "a" may be skipped and field "text" is referenced by ${T}.steps[1].arguments.c`,
    tool(
      "{id: a, tool: x, condition: '{{ true }}', defaultResults: {text: ''}}, {id: b, tool: x, dependsOn: [a], arguments: {c: '{{ .steps.a.output.text }}'}}",
    ),
  ],
  [
    tool(
      '{id: a, tool: x, onError: {action: continue}}',
      ", output: {properties: {o: {type: object, description: d, properties: {p: {type: string, description: d, value: '{{ .steps.a.output.text }}'}}}}}",
    ),
    `${S}.defaultResults: defaultResults[text] is required: step "a" may be skipped and field "text" is referenced by ${T}.output.properties.o.properties.p.value`,
    tool(
      "{id: a, tool: x, onError: {action: continue}}, {id: b, tool: x, dependsOn: [a], arguments: {c: {d: '{{ .steps.a.output.text }}'}}}",
    ),
  ],
  [
    tool('{id: a, tool: x}', ', output: {properties: {o: {type: string, value: v}}}'),
    `${T}.output.properties.o.description: required: expected text`,
    tool(
      '{id: a, tool: x}',
      ', output: {properties: {o: {type: string, description: d, value: v}}, required: [o]}',
    ),
  ],
  [
    tool('{id: a, tool: x}', ', output: {properties: {o: {type: string, description: d}}}'),
    `${T}.output.properties.o.value: required: a property of type string needs value`,
    tool('{id: a, tool: x}', ', output: {properties: {o: {type: object, description: d, value: "{}"}}}'),
  ],
  [
    tool('{id: a, tool: x}', ', output: {properties: {o: {type: object, description: d}}}'),
    `${T}.output.properties.o: an object needs value or properties`,
    tool('{id: a, tool: x}', ', output: {properties: {}}'),
  ],
  [
    tool(
      '{id: a, tool: x}',
      ', output: {properties: {o: {type: object, description: d, value: v, properties: {}}}}',
    ),
    `${T}.output.properties.o: has both value and properties; keep one`,
    tool('{id: a, tool: x}', ', output: {properties: {o: {type: object, description: d, properties: {}}}}'),
  ],
  [
    tool('{id: a, tool: x}', ', output: {properties: {}, required: [o]}'),
    `${T}.output.required[0]: there is no property "o"`,
    tool(
      '{id: a, tool: x}',
      ', output: {properties: {o: {type: integer, description: d, value: v, default: 3}}, required: [o]}',
    ),
  ],
  [
    tool(
      '{id: a, tool: x}',
      ', output: {properties: {o: {type: integer, description: d, value: v, default: 3.5}}}',
    ),
    `${T}.output.properties.o.default: the default must be of type integer`,
    tool(
      '{id: a, tool: x}',
      ', output: {properties: {o: {type: array, description: d, value: v, default: [1]}}}',
    ),
  ],
]

describe('composite tools', () => {
  it.each(CASES)('%s', (bad, error, good) => {
    expect(faultsOf(bad)).toContain(error)
    expect(faultsOf(good)).toEqual([])
  })

  it('have at most 100 steps', () => {
    const steps = (count: number) =>
      tool(Array.from({ length: count }, (_, index) => `{id: a${index}, tool: x}`).join(', '))
    expect(faultsOf(steps(101))).toEqual([`${T}.steps: must be at most 100 steps`])
    expect(faultsOf(steps(100))).toEqual([])
  })

  it('nest their output at most 10 levels deep', () => {
    const nested = (levels: number) => {
      let property = '{type: string, description: d, value: v}'
      for (let level = 1; level < levels; level++)
        property = `{type: object, description: d, properties: {p: ${property}}}`
      return tool('{id: a, tool: x}', `, output: {properties: {p: ${property}}}`)
    }
    expect(faultsOf(nested(10))).toEqual([])
    expect(faultsOf(nested(11))).toEqual([expect.stringContaining('nested deeper than 10 levels')])
  })

  it('ask with schemas of bounded size and depth', () => {
    const ask = (schema: string) => tool(`{id: a, type: elicitation, message: m, schema: ${schema}}`)
    expect(faultsOf(ask(`{a: "${'x'.repeat(102_400)}"}`))).toEqual([
      `${S}.schema: the schema is larger than 102400 bytes`,
    ])
    expect(faultsOf(ask(`${'{a: '.repeat(11)}1${'}'.repeat(11)}`))).toEqual([
      `${S}.schema: the schema is nested deeper than 10 levels`,
    ])
  })

  it('are warned of keys that nothing reads', () => {
    const text = tool(
      `{id: a, tool: x, collection: c}, {id: b, tool: x, onError: {action: abort, retryCount: 1}}, {id: c, tool: x, onError: {action: retry, retryCount: 11}}, {id: d, type: forEach, ${LOOP}, step: {tool: x, timeout: 1s, dependsOn: [a]}}`,
      ', parameters: {type: object, properties: {a: {type: array}}, required: [a]}',
    )
    expect(warningsOf(text)).toEqual([
      `${S}.collection: has no effect in a step of type tool; it is for forEach`,
      `${T}.steps[1].onError.retryCount: has no effect unless action is retry`,
      `${T}.steps[2].onError.retryCount: at most 10 retries are made`,
      `${T}.steps[3].step.dependsOn: has no effect in a repeated step`,
    ])
  })
})
