import { describe, expect, it } from 'vitest'
import type { Ask } from '../../../core/call.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { askedByError, askedResult, checkAsks, checkConsent } from './inputs.ts'
import { caller, request } from './testing.ts'

const asks = (body: object, type = 'input_required') => ({ type, body: RawObject.of(body) })
const of = (capabilities: JsonObject) => caller({ capabilities })

describe('the questions of a legacy server', () => {
  it('are put as they came, without what only its era has', () => {
    const params =
      '{"message":"Sure?","elicitationId":"e","big":12345678901234567890,"task":{"ttl":1}, "x":[1.0]}'
    const questions = new Map<string, Ask>([
      ['a"b', { method: 'elicitation/create', params: RawObject.scan(Buffer.from(params)) }],
      ['c', { method: 'roots/list', params: RawObject.empty }],
    ])
    expect(askedResult(questions, 'st"ate').body.toString()).toBe(
      '{"inputRequests":{"a\\"b":{"method":"elicitation/create","params":{"message":"Sure?",' +
        '"big":12345678901234567890, "x":[1.0]}},"c":{"method":"roots/list","params":{}}},' +
        '"requestState":"st\\"ate"}',
    )
    expect(askedResult(questions, undefined).body.has('requestState')).toBe(false)
  })
})

describe('what a modern server may ask', () => {
  const URL = { method: 'elicitation/create', params: { mode: 'url', url: 'https://x.example' } }
  const FORM = { method: 'elicitation/create', params: { message: '?' } }
  const SAMPLING = { method: 'sampling/createMessage', params: { messages: [] } }
  const TOOLS = { method: 'sampling/createMessage', params: { messages: [], tools: [] } }
  const CHOICE = { method: 'sampling/createMessage', params: { toolChoice: {} } }
  const ROOTS = { method: 'roots/list' }

  it.each([
    [FORM, { elicitation: {} }],
    [FORM, { elicitation: { form: {} } }],
    [URL, { elicitation: { url: {} } }],
    [SAMPLING, { sampling: {} }],
    [TOOLS, { sampling: { tools: {} } }],
    [ROOTS, { roots: {} }],
  ])('%j of a client with %j', (asked, capabilities) => {
    expect(() => checkAsks(asks({ inputRequests: { a: asked } }), of(capabilities))).not.toThrow()
  })

  it.each([
    [FORM, { elicitation: { url: {} } }, { elicitation: { form: {} } }],
    [URL, { elicitation: {} }, { elicitation: { url: {} } }],
    [URL, { sampling: {}, roots: {} }, { elicitation: { url: {} } }],
    [TOOLS, { sampling: {} }, { sampling: { tools: {} } }],
    [CHOICE, { sampling: { context: {} } }, { sampling: { tools: {} } }],
    [ROOTS, {}, { roots: {} }],
  ])('%j not of a client with %j', (asked, capabilities, requiredCapabilities) => {
    expect(() => checkAsks(asks({ inputRequests: { a: asked } }), of(capabilities))).toThrow(
      expect.objectContaining({ code: 'capability_required', data: { requiredCapabilities } }),
    )
  })

  it('is nothing that no client knows, and not nothing', () => {
    for (const body of [
      { inputRequests: { a: { method: 'tools/call', params: {} } } },
      { inputRequests: { a: { method: 'tasks/get', params: {} } } },
      { inputRequests: { a: 7 } },
      { inputRequests: { ok: ROOTS, a: {} } },
      { inputRequests: {} },
      { inputRequests: [ROOTS], requestState: 's' },
      {},
    ])
      expect(() => checkAsks(asks(body), caller())).toThrow(expect.objectContaining({ code: 'bad_gateway' }))
  })

  it('may be nothing where it gives a state, or is a task whose questions are out', () => {
    checkAsks(asks({ requestState: 's' }), caller())
    checkAsks(asks({ inputRequests: {} }, 'complete'), caller())
  })
})

describe('an error of a legacy server', () => {
  const failed = (code: number, data?: unknown) => GatewayError.backend({ code, message: 'm', data })
  const url = of({ elicitation: { url: {} } })

  it('that names pages becomes questions', () => {
    const elicitations = [{ url: 'https://x.example', message: 'Pay', elicitationId: 'e' }, 'nonsense']
    const asked = askedByError(failed(-32042, { elicitations }), url)
    expect(asked?.body.parse()).toEqual({
      inputRequests: {
        'vmcp-url-1': {
          method: 'elicitation/create',
          params: { url: 'https://x.example', message: 'Pay', mode: 'url' },
        },
      },
    })
  })

  it('of any other kind stays one', () => {
    for (const error of [failed(-32041, { elicitations: [{}] }), failed(-32042), new Error('x'), undefined])
      expect(askedByError(error, url)).toBeUndefined()
  })
})

describe('the consent of a client', () => {
  const check = (inputResponses: unknown) => () => checkConsent(request({ name: 'x', inputResponses }))

  it('is to accept every page', () => {
    for (const action of ['decline', 'cancel', undefined])
      expect(check({ 'vmcp-url-1': { action: 'accept' }, 'vmcp-url-2': { action } })).toThrow(
        expect.objectContaining({ code: 'cancelled' }),
      )
    expect(check({ 'vmcp-url-1': { action: 'accept' }, 'vmcp-url-2': { action: 'accept' } })).not.toThrow()
  })

  it('is not asked for what is no page', () => {
    for (const responses of [undefined, 7, [], { a: { action: 'decline' } }, { 'vmcp-url-1': 'decline' }])
      expect(check(responses)).not.toThrow()
  })
})
