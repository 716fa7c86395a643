import { expect, it } from 'vitest'
import { answeredBy, answeredByEither } from './answered.ts'

it.each([
  ['{"jsonrpc":"2.0","id":7,"result":{"content":[', 7],
  [' { "id" : 7 , "jsonrpc" : "2.0", "error":{', 7],
  ['{"id":7,"result":{', 7],
  ['{"jsonrpc":"2.0","id":7,"method":"roots/list","params":{', undefined],
  ['{"id":7,"jsonrpc":"2.0","method":"roots/list","params":{', undefined],
  ['{"jsonrpc":"2.0","result":{"a":{"id":7}', undefined],
  ['{"id":"7","result":{', undefined],
  ['Listening on stdio', undefined],
])('what begins with %s answers %s', (text, id) => {
  expect(answeredBy(Buffer.from(text))).toBe(id)
})

it.each([
  ['{"jsonrpc":"2.0","id":7,"result":{', '}]}}', 7],
  ['{"jsonrpc":"2.0","result":{', '}]},"id":7}', 7],
  ['{"result":{', '}]},"id":7,"jsonrpc":"2.0"}\r', 7],
  ['{"jsonrpc":"2.0","method":"sampling/createMessage","params":{', '}]},"id":7}', undefined],
  ['{"jsonrpc":"2.0","result":{', '}]}}', undefined],
])('what begins with %s and ends with %s answers %s', (head, tail, id) => {
  expect(answeredByEither(Buffer.from(head), Buffer.from(tail))).toBe(id)
})
