import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessage } from './message.ts'

const read = (text: string) => readMessage(Buffer.from(text))

describe('a message is read', () => {
  it('whatever its id, which is kept as it was sent', () => {
    const ids = fc.oneof(fc.string(), fc.maxSafeInteger())
    fc.assert(
      fc.property(ids, fc.jsonValue(), (id, value) => {
        const text = JSON.stringify({ id, params: { value }, method: 'm', jsonrpc: '2.0' })
        expect(read(text)).toMatchObject({ kind: 'request', method: 'm', id: { text: JSON.stringify(id) } })
      }),
    )
  })

  it('and never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(readMessage(Buffer.from(bytes)).kind).toBeTypeOf('string')
      }),
    )
  })

  it('only as UTF-8', () => {
    const message = readMessage(Buffer.from('{"jsonrpc":"2.0","method":"\xff"}', 'latin1'))
    expect(message).toMatchObject({ kind: 'invalid', error: { code: 'parse' } })
  })

  it('with ids of different types told apart', () => {
    const one = read('{"jsonrpc":"2.0","id":1,"method":"m"}')
    const other = read('{"jsonrpc":"2.0","id":"1","method":"m"}')
    expect(one.kind === 'request' && one.id.key).not.toBe(other.kind === 'request' && other.id.key)
  })

  it('as a notification without an id, and as a response with a result or an error', () => {
    expect(read('{"jsonrpc":"2.0","method":"m"}').kind).toBe('notification')
    expect(read('{"jsonrpc":"2.0","id":1,"result":{}}').kind).toBe('response')
    expect(read('{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"m"}}').kind).toBe('response')
  })
})
