import { describe, expect, it } from 'vitest'
import { formatDiagnostics } from './diagnostics.ts'
import { MINIMAL, parse } from './testing.ts'

type Row = readonly [line: number, column: number, path: string, message: string, hint?: string]

const FILES: readonly (readonly [title: string, file: string, rows: readonly Row[]])[] = [
  [
    'a mistyped key and the block that is missing because of it',
    MINIMAL.replace('aggregation:', 'aggregaton:'),
    [
      [1, 1, 'aggregation', 'required: expected a mapping'],
      [7, 1, 'aggregaton', 'unknown key', 'did you mean aggregation?'],
    ],
  ],
  [
    'keys that stand in the wrong place',
    `${MINIMAL}prefixFormat: x\nbackends:\n  - {name: a, transport: stdio, command: c, url: http://x, zzz: 1}\n`,
    [
      [11, 1, 'prefixFormat', 'unknown key', 'it belongs under aggregation.conflictResolutionConfig'],
      [13, 45, 'backends[0].url', 'unknown key', 'it goes with transport: streamable-http or sse'],
      [13, 60, 'backends[0].zzz', 'unknown key'],
    ],
  ],
  [
    'a block of no known kind, and what else is wrong in it',
    `${MINIMAL}backends:\n  - name: a\n    transport: streamable\n    url: ftp://x\n    hedaers: {}\n  - url: 3\n`,
    [
      [
        13,
        16,
        'backends[0].transport',
        'expected one of stdio, streamable-http, sse, found "streamable"',
        'did you mean streamable-http?',
      ],
      [14, 10, 'backends[0].url', 'expected an http:// or https:// URL'],
      [15, 5, 'backends[0].hedaers', 'unknown key', 'did you mean headers?'],
      [16, 5, 'backends[1].transport', 'required: expected one of stdio, streamable-http, sse'],
      [16, 5, 'backends[1].name', 'required: expected text'],
      [16, 10, 'backends[1].url', 'expected an http:// or https:// URL'],
    ],
  ],
  [
    'values of the wrong type',
    `name: 7\n${MINIMAL.slice('name: demo\n'.length)}metadata: {port: 80, on: true}\npassthroughHeaders: x\nsessionStorage: {maxSessions: many}\n`,
    [
      [1, 7, 'name', 'expected text, found a number', 'put it in quotes: "7"'],
      [11, 18, 'metadata.port', 'expected text, found a number', 'put it in quotes: "80"'],
      [11, 26, 'metadata.on', 'expected text, found true', 'put it in quotes: "true"'],
      [12, 21, 'passthroughHeaders', 'expected a list, found text'],
      [13, 31, 'sessionStorage.maxSessions', 'expected a number, found text'],
    ],
  ],
  [
    'empty and unknown values',
    MINIMAL.replace('name: demo', 'name: ""')
      .replace('anonymous', 'anonymus')
      .replace('prefix\n', 'Prefix\n'),
    [
      [1, 7, 'name', 'must not be empty'],
      [
        4,
        9,
        'incomingAuth.type',
        'expected one of oidc, local, anonymous, found "anonymus"',
        'did you mean anonymous?',
      ],
      [
        8,
        23,
        'aggregation.conflictResolution',
        'expected one of prefix, priority, manual, found "Prefix"',
        'did you mean prefix?',
      ],
    ],
  ],
  [
    'times that are none',
    `${MINIMAL}operational:\n  timeouts:\n    default: 30\n    perWorkload: {a: 30sec, b: 0s, c: 600h, d: "", e: 1m30s}\n`,
    [
      [13, 14, 'operational.timeouts.default', 'invalid duration: write "30s" (or ms, m, h) instead of 30'],
      [
        14,
        22,
        'operational.timeouts.perWorkload.a',
        'invalid duration: expected something like "30s", "1m30s" or "1.5h", found "30sec"',
      ],
      [14, 32, 'operational.timeouts.perWorkload.b', 'invalid duration: must be more than 0'],
      [14, 39, 'operational.timeouts.perWorkload.c', 'invalid duration: must be at most 596h'],
      [
        14,
        48,
        'operational.timeouts.perWorkload.d',
        'invalid duration: expected something like "30s", "1m30s" or "1.5h", found ""',
      ],
    ],
  ],
  [
    'a header with both secrets, one with neither, and one whose variable is not set',
    MINIMAL.replace(
      'source: inline',
      `source: inline
  backends:
    both: {type: header_injection, headerInjection: {headerName: X-Key, headerValue: a, headerValueEnv: KEY}}
    neither: {type: header_injection, headerInjection: {headerName: X-Key}}
    unset: {type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: NOT_SET}}`,
    ),
    [
      [
        8,
        105,
        'outgoingAuth.backends.both.headerInjection.headerValueEnv',
        'backend "both" has both headerValue and headerValueEnv; keep one',
      ],
      [
        9,
        39,
        'outgoingAuth.backends.neither.headerInjection',
        'backend "neither" needs headerValue or headerValueEnv',
      ],
      [
        10,
        90,
        'outgoingAuth.backends.unset.headerInjection.headerValueEnv',
        'backend "unset" needs the environment variable NOT_SET, which is not set or empty',
      ],
    ],
  ],
  [
    'a workflow that cannot run',
    `${MINIMAL}compositeTools:
  - name: flow
    description: A flow
    steps:
      - {id: a, type: tool, tool: x.y, dependsOn: [b]}
      - {id: b, type: tool, tool: x.y, dependsOn: [a]}
      - {id: b, type: tool, tool: x.y}
      - {id: c, type: tool, tool: x.y, dependsOn: [nobody]}
`,
    [
      [
        16,
        52,
        'compositeTools[0].steps[1].dependsOn[0]',
        'dependency cycle: a → b → a',
        'remove one of these dependencies, such as compositeTools[0].steps[1].dependsOn[0]',
      ],
      [
        17,
        14,
        'compositeTools[0].steps[2].id',
        'the step id "b" is already taken by compositeTools[0].steps[1].id',
      ],
      [18, 52, 'compositeTools[0].steps[3].dependsOn[0]', 'there is no step "nobody"'],
    ],
  ],
  [
    'policies with a syntax error and with an action that is none',
    MINIMAL.replace(
      'type: anonymous',
      `type: anonymous
  authz:
    type: cedar
    policies:
      - permit(principal, action == Action::"call_tool", resource);
      - permit(principal, action == Action::"tools/call", resource);
      - |
        permit(principal, action, resource);
        forbid(principal, action, resource) wen { true };`,
    ),
    [
      [
        9,
        9,
        'incomingAuth.authz.policies[1]',
        'there is no action "tools/call"; known are call_tool, get_prompt, read_resource, call_method',
        'did you mean call_tool?',
      ],
      [
        10,
        9,
        'incomingAuth.authz.policies[2]',
        'not a Cedar policy: invalid policy condition: wen (line 2, column 37 of the policy)',
        'condition must be either `when` or `unless`',
      ],
    ],
  ],
]

describe('a bad file', () => {
  it.each(FILES)('tells in one go: %s', (_title, file, rows) => {
    const found = parse(file).diagnostics.map(({ line, column, path, message, hint }) =>
      hint === undefined ? [line, column, path, message] : [line, column, path, message, hint],
    )
    expect(found).toEqual(rows)
  })

  it('is printed as compilers print, with errors under a heading and hints below', () => {
    const { diagnostics } = parse(MINIMAL.replace('groupRef', 'group').replace('name: demo', 'nam: demo'))
    expect(formatDiagnostics(diagnostics)).toBe(`invalid configuration:
vmcp.yaml:1:1: error: name: required: expected text
vmcp.yaml:1:1: error: nam: unknown key
  hint: did you mean name?
vmcp.yaml:2:1: deprecated: groupRef: the key group is now groupRef
`)
    expect(formatDiagnostics(diagnostics, { color: true })).toContain('\u001b[31merror:')
    expect(formatDiagnostics([])).toBe('')
  })

  it('with thousands of faults is cut short, and stays an error', () => {
    const many = Array.from({ length: 3000 }, (_, index) => `unknown${index}: 1`).join('\n')
    const result = parse(`${MINIMAL}${many}\n`)
    expect(result.ok).toBe(false)
    expect(result.diagnostics).toHaveLength(1001)
    expect(result.diagnostics.at(-1)?.message).toBe('2000 further findings are not shown')
  })
})
