import { describe, expect, it } from 'vitest'
import { RawObject } from '../../core/raw.ts'
import { legacyCaller, modernCaller } from '../testing.ts'
import { Failure } from './failure.ts'
import { capabilitiesFor, legacyMeta } from './meta.ts'
import { resultOf, toResult } from './result.ts'

const raw = (text: string) => RawObject.scan(Buffer.from(text), ['result'])
const result = (text: string) => toResult(raw(`{"jsonrpc":"2.0","id":1,"result":${text}}`), 'b')

describe('what goes to a legacy server', () => {
  it('keeps _meta but for the keys of the hop', () => {
    const params = raw(
      '{"name":"n","_meta":{"traceparent":"00-1","io.modelcontextprotocol/protocolVersion":"x","io.modelcontextprotocol/related-task":{"taskId":"1"}}}',
    )
    expect(params.with(legacyMeta(params, 9)).value('_meta')).toEqual({
      traceparent: '00-1',
      'io.modelcontextprotocol/related-task': { taskId: '1' },
    })
  })

  it('has no _meta when nothing else was in it, and keeps one that came empty', () => {
    const reserved = raw('{"name":"n","_meta":{"io.modelcontextprotocol/clientInfo":{}}}')
    expect(reserved.bytesWith(legacyMeta(reserved, 9)).toString()).toBe('{"name":"n"}')
    const empty = raw('{"name":"n","_meta":{}}')
    expect(empty.bytesWith(legacyMeta(empty, 9)).toString()).toBe('{"name":"n","_meta":{}}')
  })

  it('has a progress token of ours if the client sent one, and none if not', () => {
    const params = raw('{"_meta":{"progressToken":"mine"}}')
    expect(params.bytesWith(legacyMeta(params, 9)).toString()).toBe('{"_meta":{"progressToken":9}}')
    expect(legacyMeta(raw('{}'), 9)).toEqual({})
  })
})

describe('a result', () => {
  it('comes without resultType and reserved _meta, all else to the byte', () => {
    const { type, body } = result(
      '{"resultType":"complete","big":12345678901234567890, "x":[1.0],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"},"k":1}}',
    )
    expect(type).toBe('complete')
    expect(body.toString()).toBe('{"big":12345678901234567890, "x":[1.0],"_meta":{"k":1}}')
  })

  it('loses a _meta that held nothing else, and keeps one that came empty', () => {
    expect(result('{"a":1,"_meta":{"io.modelcontextprotocol/serverInfo":{}}}').body.toString()).toBe(
      '{"a":1}',
    )
    expect(result('{"a":1,"_meta":{}}').body.toString()).toBe('{"a":1,"_meta":{}}')
  })

  it('is complete where the server does not say', () => {
    expect(result('{}').type).toBe('complete')
    expect(result('{"resultType":"input_required"}').type).toBe('input_required')
  })

  it('with a resultType that is no string is a bad gateway', () => {
    expect(() => result('{"resultType":1}')).toThrow(expect.objectContaining({ code: 'bad_gateway' }))
    expect(() => result('{"resultType":nonsense}')).toThrow(expect.objectContaining({ code: 'bad_gateway' }))
  })
})

describe('an error of the backend', () => {
  it('is relayed with its code and data', () => {
    const response = raw('{"id":1,"error":{"code":-32002,"message":"gone","data":{"uri":"x"}}}')
    const wanted = { code: 'backend', rpc: { code: -32002, message: 'gone', data: { uri: 'x' } } }
    expect(() => resultOf(response, 'b')).toThrow(expect.objectContaining(wanted))
  })

  it('is made whole when it is nonsense', () => {
    const response = raw('{"id":1,"error":{"code":"x","message":nope}}')
    const rpc = { code: -32603, message: 'the backend gave no reason' }
    expect(() => resultOf(response, 'b')).toThrow(expect.objectContaining({ code: 'backend', rpc }))
  })

  it('that is about our credentials is not the client’s', () => {
    const response = raw('{"id":1,"error":{"code":-32001,"message":"who are you"}}')
    const failure = new Failure('status', 'answered 401', { status: 401, response })
    expect(() => resultOf(failure, 'b')).toThrow(
      expect.objectContaining({ code: 'unavailable', rpc: undefined }),
    )
  })
})

describe('capabilities', () => {
  const ui = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } }
  const shared = { elicitation: {}, vendor: { x: 1 } }
  const extensions = { ...ui, 'io.modelcontextprotocol/tasks': {} }
  const capabilities = { ...shared, tasks: { cancel: {} }, extensions }

  it('are declared to a server of the same era as they are', () => {
    expect(capabilitiesFor('legacy', legacyCaller({ capabilities }))).toBe(capabilities)
    expect(capabilitiesFor('modern', modernCaller({ capabilities }))).toBe(capabilities)
  })

  it('are declared to a server of the other era without tasks, which each era has in a form of its own', () => {
    expect(capabilitiesFor('legacy', modernCaller({ capabilities }))).toEqual({ ...shared, extensions: ui })
    expect(capabilitiesFor('modern', legacyCaller({ capabilities }))).toEqual({ ...shared, extensions: ui })
    const withTasks = { ...shared, tasks: {} }
    expect(capabilitiesFor('modern', legacyCaller({ capabilities: withTasks }))).toEqual(shared)
  })

  it('without tasks are the same in both', () => {
    const plain = { ...shared, extensions: ui }
    expect(capabilitiesFor('legacy', modernCaller({ capabilities: plain }))).toBe(plain)
    expect(capabilitiesFor('modern', legacyCaller({ capabilities: plain }))).toBe(plain)
  })
})
