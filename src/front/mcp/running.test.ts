import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Cancel } from './cancel.ts'
import type { Outlet } from './outlet.ts'
import { Running } from './running.ts'

let running: Running

beforeEach(() => {
  vi.useFakeTimers()
  running = new Running({ resumableMs: 100, otherMs: 5_000 })
})

afterEach(() => void vi.useRealTimers())

function request(resumable: boolean) {
  let begun = 0
  const own = { streams: true, resumable, begin: () => void begun++ }
  const outlet: Outlet = { streamed: false, ...own, send() {}, reply() {}, end() {} }
  return { cancel: new Cancel(), outlet, begun: () => begun }
}

describe('the reply to a request', () => {
  it('begins soon where the client could not come back for it otherwise', () => {
    const one = request(true)
    running.add(one)
    vi.advanceTimersByTime(99)
    expect(one.begun()).toBe(0)
    vi.advanceTimersByTime(101)
    expect(one.begun()).toBe(1)
    vi.advanceTimersByTime(60_000)
    expect(one.begun()).toBe(1)
  })

  it('begins after a while where it only keeps the connection alive', () => {
    const one = request(false)
    running.add(one)
    vi.advanceTimersByTime(5_000)
    expect(one.begun()).toBe(0)
    vi.advanceTimersByTime(5_200)
    expect(one.begun()).toBe(1)
    vi.advanceTimersByTime(60_000)
    expect(one.begun()).toBe(1)
  })

  it.each([true, false])('does not begin before the answer that comes soon (resumable: %s)', (resumable) => {
    const one = request(resumable)
    running.add(one)
    vi.advanceTimersByTime(80)
    running.delete(one)
    vi.advanceTimersByTime(60_000)
    expect(one.begun()).toBe(0)
  })
})

it.each([0, 150, 6_000, 60_000])('a request is waited for and aborted after %i ms', async (ms) => {
  const requests = [request(true), request(false)]
  for (const one of requests) running.add(one)
  vi.advanceTimersByTime(ms)
  const idle = running.whenIdle()
  const reason = new Error('over')
  running.abortAll(reason)
  expect(requests.map(({ cancel }) => cancel.reason)).toEqual([reason, reason])
  for (const one of requests) running.delete(one)
  await idle
  expect(running.size).toBe(0)
})
