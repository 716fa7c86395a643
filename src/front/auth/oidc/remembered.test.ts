import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BearerPrincipal } from '../../../core/bearer.ts'
import { Refreshing } from './refreshing.ts'
import { RememberedTokens } from './remembered.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const principal = new BearerPrincipal({
  token: 't',
  issuer: 'i',
  subject: 's',
  name: 's',
  claims: {},
  scopes: new Set(),
})
const forMs = (ms: number, expires = Number.POSITIVE_INFINITY) => ({
  principal,
  expires,
  until: performance.now() + ms,
})

test('a token is known until it expires, or until it is to be verified anew', () => {
  const tokens = new RememberedTokens()
  tokens.set('expires', forMs(60_000, Date.now() + 1_000), 1)
  tokens.set('stale', forMs(1_000), 1)
  expect([tokens.get('expires'), tokens.get('stale')].map((it) => it?.principal)).toEqual([
    principal,
    principal,
  ])
  vi.advanceTimersByTime(1_000)
  expect([tokens.get('expires'), tokens.get('stale')]).toEqual([undefined, undefined])
  expect(tokens.size).toBe(1)
  expect(tokens.last('stale')?.principal).toBe(principal)
})

test('of too many tokens, and of too large ones, those that were not used the longest go', () => {
  const tokens = new RememberedTokens()
  for (let at = 0; at < 10_000; at++) tokens.set(`${at}`, forMs(1_000), 1)
  tokens.get('0')
  tokens.set('one more', forMs(1_000), 1)
  expect(tokens.size).toBe(10_000)
  expect([tokens.get('0') !== undefined, tokens.get('1')]).toEqual([true, undefined])
  for (let at = 0; at < 2_000; at++) tokens.set(`large ${at}`, forMs(1_000), 32 * 1024)
  expect(tokens.size).toBe(1_024)
  tokens.forget('large 1999')
  tokens.set('large 1999', forMs(1_000), 32 * 1024)
  expect(tokens.size).toBe(1_024)
})

test('what is renewed in the background serves on meanwhile, and for as long as it may be stale', async () => {
  let loads = 0
  let fails = false
  const failures: unknown[] = []
  const load = async () => {
    loads++
    if (fails) throw new Error('gone')
    return loads
  }
  const onFailed = (error: unknown) => failures.push(error)
  const it = new Refreshing({ load, maxAgeMs: 1_000, maxStaleMs: 10_000, retryMs: 500, onFailed })
  expect(await Promise.all([it.get(), it.get()])).toEqual([1, 1])
  vi.advanceTimersByTime(1_500)
  expect(await it.get()).toBe(1)
  await vi.waitFor(() => expect(loads).toBe(2))
  expect(await it.get()).toBe(2)
  fails = true
  vi.advanceTimersByTime(2_000)
  expect([await it.get(), await it.get()]).toEqual([2, 2])
  await vi.waitFor(() => expect(failures).toHaveLength(1))
  expect(await it.get()).toBe(2)
  expect(loads).toBe(3)
  vi.advanceTimersByTime(10_000)
  await expect(it.get()).rejects.toThrow('gone')
  await expect(it.get()).rejects.toThrow('gone')
  expect(loads).toBe(4)
  vi.advanceTimersByTime(500)
  fails = false
  expect(await it.get()).toBe(5)
})
