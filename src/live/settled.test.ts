import { expect, test } from 'vitest'
import { GatewayError } from '../core/errors.ts'
import type { Backend, BackendState, Backends } from '../core/ports.ts'
import { Topic } from '../core/topic.ts'
import { settled } from './settled.ts'

const failed: BackendState = {
  status: 'failed',
  error: new GatewayError('unavailable', 'no'),
  last: undefined,
}

function backends(...states: BackendState[]) {
  const topic = new Topic<string>((name) => name)
  const all = states.map((state, index) => ({ name: String(index), transport: 'stdio', state }) as Backend)
  const port: Backends = {
    all,
    watch: (signal) => topic.subscribe(signal),
    sessions: { hear: () => () => undefined, tell: () => undefined, release: () => undefined },
    close: async () => undefined,
  }
  const fail = (index: number) => {
    all[index] = { ...(all[index] as Backend), state: failed }
    topic.publish(String(index))
  }
  return { port, fail }
}

test('nothing is waited for when all have answered or failed', async () => {
  await settled(backends(failed).port, 60_000)
  await settled(backends().port, 60_000)
})

test('the last one to answer ends the wait', async () => {
  const { port, fail } = backends({ status: 'connecting' }, { status: 'connecting' })
  let done = false
  const waiting = settled(port, 60_000).then(() => {
    done = true
  })
  fail(0)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(done).toBe(false)
  fail(1)
  await waiting
})

test('one that never answers is waited for only so long, or until told to stop', async () => {
  const { port } = backends({ status: 'connecting' })
  await settled(port, 20)
  const controller = new AbortController()
  const waiting = settled(port, 60_000, controller.signal)
  controller.abort()
  await waiting
})
