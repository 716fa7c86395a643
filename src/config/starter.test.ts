import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BackendConfig, DEFAULT_RESILIENCE } from '../core/config.ts'
import { renderStarter } from './starter.ts'
import { parse } from './testing.ts'

const base = {
  era: 'auto',
  connection: 'session',
  timeoutMs: 30_000,
  auth: { type: 'unauthenticated' },
  metadata: { group: 'dev' },
} as const

const visible = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => !/\p{Cc}/u.test(text))
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    'true',
    'null',
    '~',
    '0x1f',
    '1e3',
    '- a',
    '#',
    'a: b',
    "'",
    '"',
    '|',
    '>\n',
    '\u2028',
    '\ufeff',
    '*a',
    '&b',
    '<<',
    '{{x}}',
    ' pad ',
    'a #b',
    'http://x:',
    '%',
    '@',
    '`',
    '!!str',
    '...',
    '---',
    '=',
    'ab\ud800',
  ),
)
const keys = anything.filter((key) => key !== '__proto__')
const headerValue = fc.string({ unit: fc.constantFrom(...' !"#$%&\'*:{}[]|>-aZ09'), maxLength: 12 })

const stdio = fc.record({
  name: visible,
  command: anything.filter((text) => text !== ''),
  args: fc.array(anything, { maxLength: 5 }),
  env: fc.dictionary(keys, anything, { maxKeys: 5 }),
  cwd: fc.option(
    anything.filter((text) => text !== ''),
    { nil: undefined },
  ),
  era: fc.constantFrom('auto', 'legacy', 'modern'),
  connection: fc.constantFrom('session', 'shared'),
})
const http = fc.record({
  name: visible,
  transport: fc.constantFrom('streamable-http', 'sse'),
  url: fc.webUrl({ withQueryParameters: true, withFragments: true }),
  headers: fc.dictionary(fc.stringMatching(/^x-[a-z0-9]{1,8}$/), headerValue, { maxKeys: 3 }),
  caBundlePath: fc.constantFrom(undefined, '/etc/ca "x".pem'),
})

const backend: fc.Arbitrary<BackendConfig> = fc.oneof(
  stdio.map((one): BackendConfig => ({ ...base, ...one, transport: 'stdio' })),
  http.map((one): BackendConfig => ({ ...base, ...one })),
)
const group = fc.uniqueArray(backend, { selector: ({ name }) => name, maxLength: 4 })

describe('the file that init writes', () => {
  it('has the hint for editors in its first line, and backends in the order of their names', () => {
    const one = {
      ...base,
      transport: 'stdio',
      command: 'npx',
      args: ['-y', 'server'],
      env: {},
      cwd: undefined,
    } as const
    const text = renderStarter('dev', [
      { ...one, name: 'zeta' },
      {
        ...base,
        name: 'alpha',
        transport: 'sse',
        url: 'http://127.0.0.1:8080/sse',
        headers: {},
        caBundlePath: undefined,
      },
    ])
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/vmcp\.schema\.json\n/)
    expect(text).toContain(`name: dev-vmcp`)
    expect(text).toContain(`backends:
  - name: alpha
    transport: sse
    url: http://127.0.0.1:8080/sse

  - name: zeta
    transport: stdio
    command: npx
    args:
      - "-y"
      - server
`)
    expect(renderStarter('dev', [], { schema: 'https://x.example/a b\n.json' }).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=https://x.example/a%20b%0A.json',
    )
  })

  it('can be served as it is, whatever the group and its backends are called', () => {
    fc.assert(
      fc.property(visible, group, (name, backends) => {
        const result = parse(renderStarter(name, backends))
        expect(result.diagnostics).toEqual([])
        if (!result.ok) return
        const metadata = { group: name }
        const sorted = [...backends].sort((a, b) => (a.name < b.name ? -1 : 1))
        expect(result.config.name).toBe(`${name}-vmcp`)
        expect(result.config.backends).toEqual(
          sorted.map((one) => ({ ...one, metadata, resilience: DEFAULT_RESILIENCE })),
        )
      }),
      { numRuns: 150 },
    )
  })
})
