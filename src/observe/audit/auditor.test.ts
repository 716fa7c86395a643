import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditConfig, DEFAULT_AUDIT } from '../../core/audit.ts'
import { ANONYMOUS, type Caller, type Principal } from '../../core/caller.ts'
import type { Item } from '../../core/catalog.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import type { Ending, Seen } from '../../core/witness.ts'
import { Auditor } from './auditor.ts'

const SEEN: Seen = {
  kind: 'request',
  method: 'tools/call',
  ref: { id: 'r1' },
  rpcId: '1',
  params: RawObject.of({ name: 'weather', arguments: { city: 'Oslo' } }),
  meta: undefined,
  principal: ANONYMOUS,
  caller: undefined,
  source: { transport: 'http', endpoint: '/mcp', httpMethod: 'POST', address: '10.0.0.1', headers: {} },
}

const ENDED: Ending = {
  caller: undefined,
  result: undefined,
  sent: undefined,
  error: undefined,
  cause: undefined,
  status: 200,
  bytes: 10,
  streamed: false,
}

const result = (body: object, type = 'complete') => ({ type, body: RawObject.of(body) })

function audit(seen: Partial<Seen>, ending: Partial<Ending>, config: Partial<AuditConfig> = {}) {
  const lines: string[] = []
  const auditor = new Auditor({ ...DEFAULT_AUDIT, ...config }, (line) => lines.push(line))
  auditor.witness({ ...SEEN, ...seen })?.end({ ...ENDED, ...ending })
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the outcome of a request', () => {
  it.each<[string, Partial<Ending>]>([
    ['success', {}],
    ['success', { result: result({ content: [] }) }],
    ['success', { result: result({ inputRequests: {} }, 'input_required') }],
    ['application_error', { result: result({ content: [], isError: true }) }],
    ['application_error', { result: result({ isError: true }), streamed: true }],
    ['denied', { status: 401 }],
    ['denied', { status: 403 }],
    ['failure', { status: 404 }],
    ['error', { status: 503 }],
    ['error', { status: undefined, cause: new GatewayError('timeout', 'too late') }],
    ['failure', { status: undefined, cause: new GatewayError('cancelled', 'gave up') }],
    ...(['denied', 'unauthenticated', 'rate_limited'] as ErrorCode[]).map(
      (code): [string, Partial<Ending>] => ['denied', { cause: new GatewayError(code, 'no') }],
    ),
  ])('is %s for %j', (outcome, ending) => {
    expect(audit({}, ending)).toMatchObject([{ outcome }])
  })

  it('tells nothing of the errors of tools and backends where it is not to', () => {
    const quiet = { detectApplicationErrors: false }
    expect(audit({}, { result: result({ isError: true }) }, quiet)).toMatchObject([{ outcome: 'success' }])
    const cause = GatewayError.backend({ code: -1, message: 'no' })
    expect(audit({}, { cause }, quiet)).toMatchObject([{ outcome: 'success' }])
    expect(audit({}, { cause })).toMatchObject([{ outcome: 'application_error' }])
  })

  it('comes with what was sent, how, and what kind of result it was', () => {
    expect(audit({}, { streamed: true, result: result({}, 'input_required') })).toMatchObject([
      { metadata: { extra: { transport: 'sse', response_size: 10, result_type: 'input_required' } } },
    ])
    const error = { code: -32050, message: 'x'.repeat(10_000) }
    const [line] = audit({}, { error, cause: GatewayError.backend(error) })
    expect(line).toMatchObject({ metadata: { extra: { jsonrpc_error_code: -32050 } } })
    expect(JSON.stringify(line).length).toBeLessThan(2_000)
  })
})

describe('who it was', () => {
  const person = (claims: object): Principal => ({
    issuer: 'https://id.example',
    subject: 's-1',
    name: 'x',
    claims: claims as Principal['claims'],
  })
  const subjects = (principal: Principal | undefined) => audit({ principal }, {})[0]?.['subjects']

  it('is told by name, or else by what names them next best', () => {
    const all = { name: 'Ada', preferred_username: 'ada', email: 'ada@example.org' }
    expect(subjects(person(all))).toEqual({ user: 'Ada', user_id: 's-1' })
    expect(subjects(person({ ...all, name: '' }))).toMatchObject({ user: 'ada' })
    expect(subjects(person({ email: all.email }))).toMatchObject({ user: 'ada@example.org' })
    expect(subjects(person({}))).toMatchObject({ user: 's-1' })
    expect(subjects(undefined)).toEqual({ user: 'anonymous' })
  })

  it('is the caller whom the end has made known', () => {
    const caller = { principal: person({ name: 'Eve' }), client: { name: 'inspector', version: '9' } }
    expect(audit({}, { caller: caller as unknown as Caller })[0]?.['subjects']).toEqual({
      user: 'Eve',
      user_id: 's-1',
      client_name: 'inspector',
      client_version: '9',
    })
  })

  it('comes with those who act for them, so far as is wanted', () => {
    const act = { sub: 'agent', iss: 'https://a', act: { sub: 'service', act: { sub: 'first' } } }
    const delegation = (maxDelegationDepth: number) =>
      audit({ principal: person({ name: 'Ada', act }) }, {}, { maxDelegationDepth })[0]?.['delegation']
    expect(delegation(10)).toEqual({
      actors: [{ user_id: 'agent', issuer: 'https://a' }, { user_id: 'service' }, { user_id: 'first' }],
    })
    expect(delegation(2)).toMatchObject({ actors: [{}, {}], truncated: true })
    expect(delegation(0)).toBeUndefined()
  })
})

describe('what it was about', () => {
  it.each([
    ['prompts/get', { name: 'p' }, { type: 'prompt', name: 'p' }],
    ['resources/read', { uri: 'data://x' }, { type: 'resource', name: 'data://x' }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'p' } }, { type: 'prompt', name: 'p' }],
    ['completion/complete', { ref: { type: 'ref/resource', uri: 'u' } }, { type: 'resource', name: 'u' }],
    ['tools/call', { name: 7 }, { type: 'endpoint', name: '/mcp' }],
    ['server/discover', {}, { type: 'endpoint', name: '/mcp', method: 'server/discover' }],
  ])('of %s with %j is %j', (method, params, target) => {
    expect(audit({ method, params: RawObject.of(params) }, {})).toMatchObject([{ target }])
  })

  it('is told in a bounded line, whatever clients write', () => {
    const params = RawObject.of({ name: 'n'.repeat(1_000_000) })
    const source = { ...SEEN.source, headers: { 'user-agent': 'u'.repeat(10_000) } }
    expect(JSON.stringify(audit({ params, source }, {})).length).toBeLessThan(3_000)
  })
})

/** What breaks texts of JSON that are put together: quotes, breaks of lines, halves of characters. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"',
    '\\',
    '\n',
    '\r\n',
    '\u2028',
    '\u0000',
    '\ud83d',
    '😀'.repeat(300),
    '","outcome":"success',
  ),
)

it('is one line of JSON that holds what was written, whatever that is', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const claims = { name: text, act: { sub: text } }
      const caller = {
        principal: { issuer: 'https://id.example', subject: text, name: 'x', claims },
        client: { name: text, version: text },
      } as unknown as Caller
      const source = { ...SEEN.source, address: text, endpoint: text, headers: { 'user-agent': text } }
      const params = RawObject.of({ name: text, arguments: { text } })
      const lines: string[] = []
      const config = {
        ...DEFAULT_AUDIT,
        component: text,
        includeRequestData: true,
        includeResponseData: true,
        maxDataSize: 100_000,
      }
      const auditor = new Auditor(config, (line) => lines.push(line))
      const error = { code: -1, message: text }
      const sight = auditor.witness({ ...SEEN, source, params, ref: { id: text } })
      sight?.found({ origin: { backend: text } } as Item)
      sight?.end({ ...ENDED, caller, error, cause: GatewayError.backend(error) })
      expect(lines.join('')).toMatch(/^[^\n\r]*\n$/)
      const short = text.length <= 512 ? text : `${text.slice(0, 512)}…`
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({
        outcome: 'application_error',
        component: text,
        source: { extra: { user_agent: short, request_id: text } },
        subjects:
          text === ''
            ? { user: '' }
            : { user: short, user_id: short, client_name: short, client_version: short },
        target: { endpoint: text, name: short },
        metadata: { extra: { backend_name: text, jsonrpc_error_message: short } },
        data: { request: { name: text, arguments: { text } }, response: { error } },
      })
    }),
    { numRuns: 300 },
  )
})

it('tells of a stream when it opens, and only then', () => {
  const lines: string[] = []
  const auditor = new Auditor(DEFAULT_AUDIT, (line) => lines.push(line))
  const sight = auditor.witness({ ...SEEN, kind: 'stream', method: 'GET', params: undefined })
  expect(lines).toHaveLength(1)
  sight?.end({ ...ENDED, streamed: true })
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    type: 'sse_connection',
    metadata: { extra: { transport: 'sse' } },
  })
})

it('does no work for what is not written', () => {
  const auditor = new Auditor({ ...DEFAULT_AUDIT, eventTypes: ['mcp_ping'] }, () => {})
  expect(auditor.witness(SEEN)).toBeUndefined()
})
