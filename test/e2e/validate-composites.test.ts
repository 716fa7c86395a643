import { expect, test } from 'vitest'
import { runCli } from '../fixtures/cli.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { Stage } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
const head = (url: string) => `name: demo
groupRef: demo
backends:
  - { name: typed, transport: streamable-http, url: "${url}" }
incomingAuth: { type: anonymous }
outgoingAuth: { source: inline }
aggregation: { conflictResolution: prefix, conflictResolutionConfig: { prefixFormat: "{workload}_" } }
compositeTools:
  - name: mixed
    description: Calls a tool with several types
    parameters:
      type: object
      properties: { on: { type: boolean }, ids: { type: array } }
      required: [on, ids]
    steps:
`

test('validate --connect tells which arguments a tool will never take, each with its line', async () => {
  const { ready: url } = await stage.hosted('typed', { era: 'both' })
  const file = await stage.file(
    'vmcp.yaml',
    `${head(url)}      - id: good
        tool: typed.typed_tool
        arguments: { str_param: a, int_param: "5", num_param: 1.5, bool_param: "{{ .params.on }}" }
      - id: bad
        tool: typed.typed_tool
        arguments:
          str_param: "{{ .params.ids }}"
          int_param: five
          bool_param: "{{ len .params.ids }}"
`,
  )
  const { stderr, stdout, code } = await runCli(['validate', '--config', file, '--connect'])
  const said = (stdout + stderr).split('\n').filter((line) => line.includes('error:'))
  expect(said).toEqual([
    expect.stringContaining(
      ':21:9: error: compositeTools[0].steps[1].arguments: \'typed.typed_tool\' needs "num_param"',
    ),
    expect.stringContaining(
      ':22:22: error: compositeTools[0].steps[1].arguments.str_param: can never fit: it is array',
    ),
    expect.stringContaining(
      ":23:22: error: compositeTools[0].steps[1].arguments.int_param: 'typed.typed_tool' does not take this: must be integer",
    ),
    expect.stringContaining(
      ':24:23: error: compositeTools[0].steps[1].arguments.bool_param: can never fit: it is integer, and boolean is wanted',
    ),
  ])
  expect(code).toBe(3)
})

test('validate tells without the backends what composite tools cannot mean', async () => {
  const file = await stage.file(
    'vmcp.yaml',
    `${head('http://127.0.0.1:9/mcp')}      - { id: a, tool: typed.typed_tool, dependsOn: [b] }
      - { id: b, tool: typed.typed_tool, dependsOn: [a] }
      - { id: c, tool: typed.typed_tool, dependsOn: [b], condition: "perhaps" }
      - { id: d, tool: typed.typed_tool, arguments: { str_param: "{{ .steps.c.output.text }}" } }
`,
  )
  const { output, code } = await runCli(['validate', '--config', file])
  for (const line of [
    ':17:54: error: compositeTools[0].steps[1].dependsOn[0]: dependency cycle: a → b → a',
    ':18:54: error: compositeTools[0].steps[2].dependsOn[0]: the step "c" is never reached: it waits for the cycle a → b → a',
    ':18:69: error: compositeTools[0].steps[2].condition: is always "perhaps": a condition is true or false',
    'compositeTools[0].steps[2].defaultResults: defaultResults[text] is required: step "c" may be skipped',
    ':19:66: error: compositeTools[0].steps[3].arguments.str_param: the step "c" may not have run by then (at character 4 of it)',
  ])
    expect(output).toContain(line)
  expect(code).toBe(3)
})
