import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/errors.ts'
import { silent } from '../../core/log.ts'
import { RawObject } from '../../core/raw.ts'
import { composition } from './index.ts'
import { CALLER, composite, run, step, TestExchange, TestGateway, testTool } from './testing.ts'

const echo = testTool('a.x')

describe('a step', () => {
  test('calls as the caller, with arguments of the types that even a hidden tool wants', async () => {
    const inputSchema = { type: 'object', properties: { n: { type: 'integer' }, s: { type: 'string' } } }
    const hidden = testTool('a.x', undefined, { hidden: true, definition: { inputSchema } })
    const arguments_ = { n: '{{.params.n}}0', s: '{{.params.n}}', deep: [{ t: 'n={{.params.n}}' }] }
    const steps = [step('s', 'a.x', { arguments: arguments_ })]
    const { structured, asked } = await run(steps, [hidden], { args: { n: 12345678 } })
    expect(structured).toEqual({ n: 123456780, s: '12345678', deep: [{ t: 'n=12345678' }] })
    expect(asked).toEqual([{ caller: CALLER, call: expect.objectContaining({ kind: 'tool', name: 'a_x' }) }])
  })

  test('fails in the words of what refused it', async () => {
    const denied = testTool('a.x', () => {
      throw new GatewayError('denied', 'not for you')
    })
    const { text, isError, report } = await run([step('s', 'a_x')], [denied])
    expect({ text, isError }).toEqual({
      text: "Workflow execution failed: step 's': not for you",
      isError: true,
    })
    expect(report?.steps).toMatchObject([
      { id: 's', status: 'failed', error: { code: 'denied' }, continued: false },
    ])
  })

  test('says nothing of faults that are our own, and the log says everything', async () => {
    const lines: unknown[] = []
    const broken = testTool('a.x', () => {
      throw new TypeError('secret detail')
    })
    const { text } = await run([step('s', 'a_x')], [broken], {
      log: { ...silent, warn: (it) => lines.push(it) },
    })
    expect(text).toBe("Workflow execution failed: step 's': internal error")
    expect(lines).toMatchObject([{ composite: 'm', status: 'failed', err: expect.any(GatewayError) }])
  })

  test('is not sent to a tool that has taken over the name meanwhile', async () => {
    const inner = new TestGateway(echo, testTool('a.z'))
    const gateway = composition(
      [composite('m', [step('s', 'a.z'), step('t', 'a.x', { dependsOn: ['s'] })])],
      {
        log: silent,
      },
    )(inner)
    const { signal } = new AbortController()
    const params = RawObject.of({ name: 'm' })
    const resolved = await gateway.resolve(CALLER, { kind: 'tool', name: 'm', params }, signal)
    inner.offer([testTool('b.x', undefined, { name: 'a_x' }), testTool('a.z')])
    const body = (await resolved.run(new TestExchange())).body.parse()
    expect(JSON.stringify(body)).toContain("tool 'a.x' is no longer that of 'a'")
  })

  test('cannot pass on what a tool asks by its result', async () => {
    const asking = testTool('a.x', () => ({ type: 'input_required', inputRequests: {} }))
    expect((await run([step('s', 'a_x')], [asking])).text).toContain("tool 'a_x' asks the user")
    const odd = testTool('a.x', () => ({ type: 'task' }))
    expect((await run([step('s', 'a_x')], [odd])).text).toContain("answered with 'task'")
  })

  test('relays the log and the questions of its tool, and not its progress', async () => {
    const busy = testTool('a.x', async (_, exchange) => {
      exchange.notify({
        method: 'notifications/message',
        params: RawObject.of({ level: 'info', data: 'working' }),
      })
      exchange.notify({ method: 'notifications/progress', params: RawObject.of({ progress: 99 }) })
      const answer = await exchange.ask({ method: 'roots/list', params: RawObject.empty })
      return { structuredContent: answer.parse() }
    })
    const exchange = new TestExchange(() => ({ roots: [] }))
    const { structured } = await run([step('s', 'a_x')], [busy], { exchange })
    expect(structured).toEqual({ roots: [] })
    expect(exchange.logged).toEqual([{ level: 'info', data: 'working' }])
    expect(exchange.progressed.map(({ progress }) => progress)).toEqual([0.5, 1])
  })

  test('hears of the end of the call, which then is a cancelled one', async () => {
    const stop = new AbortController()
    const heard: string[] = []
    const slow = testTool('a.x', (_, exchange) => {
      const ended = new Promise((resolve) => exchange.onAbort(() => resolve({ isError: true })))
      return ended.then(() => {
        heard.push('stopped')
        return {}
      })
    })
    const exchange = new TestExchange(undefined, stop.signal)
    setTimeout(() => stop.abort(), 10)
    await expect(run([step('s', 'a_x')], [slow], { exchange })).rejects.toMatchObject({ code: 'cancelled' })
    expect(heard).toEqual(['stopped'])
  })
})

describe('arguments', () => {
  const parameters = {
    type: 'object',
    properties: {
      who: { type: 'object', default: {}, properties: { name: { type: 'string', default: 'Ada' } } },
    },
  }

  test('that are missing take their defaults', async () => {
    const steps = [step('s', 'a_x', { arguments: { hello: '{{.params.who.name}}' } })]
    expect((await run(steps, [echo], { parameters })).structured).toEqual({ hello: 'Ada' })
  })

  test('that do not fit call nothing', async () => {
    const { text, isError, asked } = await run([step('s', 'a_x')], [echo], { parameters, args: { who: 3 } })
    expect(text).toBe('Workflow execution failed: invalid arguments: who: must be object')
    expect(isError).toBe(true)
    expect(asked).toEqual([])
  })

  test('that a template misses are named with the place', async () => {
    const steps = [step('s', 'a_x', { arguments: { list: [{ it: '{{.params.gone}}' }] } })]
    expect((await run(steps, [echo])).text).toMatch(/step 's': arguments: list\.0\.it: .*\.params\.gone/)
  })
})

describe('a condition', () => {
  test.each([
    ['{{.params.yes}}', ['s']],
    ['{{.params.no}}', []],
    ['{{.params.gone}}', []],
    [' True ', ['s']],
    ['FALSE', []],
    ['{{if .params.yes}}true{{else}}false{{end}}', ['s']],
    ["{{.params.name == 'Ada'}}", ['s']],
  ])('%s', async (condition, expected) => {
    const args = { yes: true, no: false, name: 'Ada' }
    const { report } = await run([step('s', 'a_x', { condition })], [echo], { args })
    const completed = report?.steps.filter(({ status }) => status === 'completed').map(({ id }) => id)
    expect(completed).toEqual(expected)
  })

  test.each(['{{.params.name}}', '1', '', '{{.params.list}}'])('%s decides nothing', async (condition) => {
    const { text, isError } = await run([step('s', 'a_x', { condition })], [echo], {
      args: { name: 'Ada', list: [] },
    })
    if (condition === '') expect(isError).toBeUndefined()
    else expect(text).toContain(`step 's': condition: '${condition}' rendered`)
  })
})
