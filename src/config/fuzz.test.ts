import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDiagnostics } from './diagnostics.ts'
import { MINIMAL, parse } from './testing.ts'

const SERVED = `${MINIMAL}  tools:
    - workload: a
      filter: [x, y]
      overrides: {x: {name: z, annotations: {readOnlyHint: true}}}
backends:
  - &one {name: a, transport: stdio, command: run, args: [-x], env: {A: b}}
  - {name: b, transport: sse, url: "https://x.example/sse", headers: {X-A: b}, metadata: {k: v}}
operational:
  timeouts: {default: 30s, perWorkload: {a: 1m}}
passthroughHeaders: [X-Key]
`

const WITH_FLOW = `${SERVED}compositeTools:
  - name: flow
    description: d
    parameters: {a: {type: string}}
    steps:
      - {id: a, tool: x, condition: "{{ .params.a }}", onError: {action: retry, retryCount: 2}}
      - {id: b, tool: y, dependsOn: [a], arguments: {c: "{{ .steps.a.output.text }}"}}
    output: {properties: {o: {type: string, description: d, value: "{{ .steps.b.output.text }}"}}}
`

const fragment = fc.oneof(
  fc.constantFrom(
    '',
    ':',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '*one',
    '&one ',
    '<<: *one',
    '"',
    "'",
    '#',
    '|',
    '---\n',
    'null',
    '~',
    '30',
    'true',
    '{}',
    '[]',
    '? ',
    '!!',
    '\t',
    '{{',
    '}}',
    '__proto__',
    'constructor',
    'default_results',
    'type',
  ),
  fc.string({ maxLength: 5 }),
)
const edit = fc.record({ at: fc.nat(WITH_FLOW.length), cut: fc.nat(12), insert: fragment })

function apply(text: string, edits: readonly { at: number; cut: number; insert: string }[]): string {
  return edits.reduce((done, { at, cut, insert }) => done.slice(0, at) + insert + done.slice(at + cut), text)
}

function judge(text: string): void {
  const result = parse(text)
  const errors = result.diagnostics.filter(({ severity }) => severity === 'error')
  expect(result.ok).toBe(errors.length === 0)
  for (const { file, line, column, message } of result.diagnostics) {
    expect(file).toBe('vmcp.yaml')
    expect(message).not.toBe('')
    expect(message).not.toMatch(/Invalid input|undefined|\[object/)
    expect(Math.min(line, column)).toBeGreaterThanOrEqual(0)
    expect(line).toBeLessThanOrEqual(text.split('\n').length + 1)
  }
  expect(formatDiagnostics(result.diagnostics).includes('invalid configuration:')).toBe(!result.ok)
}

describe('any text', () => {
  it('near a good file is a configuration or gets an explanation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(SERVED, WITH_FLOW),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (text, edits) => judge(apply(text, edits)),
      ),
      { numRuns: 120 },
    )
  })

  it('at all gets an explanation', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), judge), { numRuns: 50 })
  })

  it('with any JSON in the place of any value gets an explanation', () => {
    const keys = [
      'name',
      'backends',
      'incomingAuth',
      'outgoingAuth',
      'aggregation',
      'compositeTools',
      'operational',
    ]
    const inner = [
      'tools',
      'steps',
      'default',
      'backends',
      'oidc',
      'authz',
      'policies',
      'timeouts',
      'type',
      'transport',
      'output',
      'properties',
    ]
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(
        fc.jsonValue({ maxDepth: 1 }),
        fc.constantFrom('header_injection', 'stdio', 'oidc', '{{', '30s'),
      ),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie('leaf'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...inner), tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), tree, { maxKeys: 5 }), (document) =>
        judge(JSON.stringify(document)),
      ),
      { numRuns: 120 },
    )
  })
})
