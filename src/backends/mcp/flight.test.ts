import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../test/fixtures/closed.ts'
import type { Call } from '../../core/call.ts'
import type { MethodItem } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import {
  exchange,
  handMade,
  httpConfig,
  legacyBasics,
  legacyCaller,
  modernCaller,
  Stage,
  stdioConfig,
  textOf,
  toolCall,
} from '../testing.ts'

const stage = closedAfterEach(new Stage())
const lacking = () => Promise.reject(new GatewayError('capability_required', 'declare elicitation'))

describe('a question that the client of a call has not declared', () => {
  it('ends the call for a client that can declare it and call again', async () => {
    const backend = await stage.backend(stdioConfig('legacy'))
    const asking = exchange({ takesInputRequired: true, answer: lacking })
    const result = backend.run({ caller: modernCaller(), ...toolCall('ask') }, asking)
    await expect(result).rejects.toMatchObject({
      code: 'capability_required',
      message: 'declare elicitation',
    })
    const next = await backend.run({ caller: modernCaller(), ...toolCall('echo', { text: 'x' }) }, exchange())
    expect(textOf(next.body)).toBe('"x"')
  })

  it('is refused to the server where the client cannot, and the call goes on', async () => {
    const backend = await stage.backend(stdioConfig('legacy'))
    const caller = legacyCaller({ capabilities: { elicitation: {} } })
    const { body } = await backend.run({ caller, ...toolCall('ask') }, exchange({ answer: lacking }))
    expect(textOf(body)).toContain('declare elicitation')
  })
})

describe('the result of a task', () => {
  it('is waited for longer than that of a call', async () => {
    const slow = handMade((message, _, res) => {
      if (message.method !== 'tasks/result' && message.method !== 'tasks/get')
        return legacyBasics(message, res)
      const text = JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { done: true } })
      setTimeout(() => res.writeHead(200, { 'content-type': 'application/json' }).end(text), 300)
      return undefined
    })
    const backend = await stage.backend(httpConfig(await stage.serve(slow), { era: 'legacy', timeoutMs: 60 }))
    const run = (method: string) => {
      const call: Call = {
        kind: 'task',
        method,
        backend: 'b',
        taskId: 't',
        params: RawObject.of({ taskId: 't' }),
      }
      const origin = { backend: 'b', name: method }
      const item: MethodItem = { kind: 'method', name: method, origin, definition: {}, hidden: false }
      return backend.run({ caller: legacyCaller(), call, item }, exchange())
    }
    await expect(run('tasks/get')).rejects.toMatchObject({ code: 'timeout' })
    expect((await run('tasks/result')).body.value('done')).toBe(true)
  })
})
