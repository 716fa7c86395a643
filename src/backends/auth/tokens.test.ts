import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keyOf, type Token, Tokens, Unreachable } from './tokens.ts'

const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function start(options: Partial<ConstructorParameters<typeof Tokens>[0]> = {}) {
  const tokens = new Tokens({ maxEntries: 3, ttlOffsetMs: 10_000, ...options })
  let made = 0
  const next =
    (ms = MINUTE) =>
    async (): Promise<Token> => ({
      value: `t${++made}`,
      expires: Date.now() + ms,
    })
  return { tokens, next, made: () => made }
}

describe('a token', () => {
  it('is got once, for any number of those who want it at the same time, and then there without waiting', async () => {
    const { tokens, next } = start()
    const all = await Promise.all(Array.from({ length: 50 }, () => tokens.of('a', next())))
    expect(new Set(all.map(({ value }) => value))).toEqual(new Set(['t1']))
    expect(tokens.of('a', next())).toBe(all[0])
    expect((await tokens.of('b', next())).value).toBe('t2')
  })

  it('is kept as another configuration says, and stays good when that comes', async () => {
    const { tokens, next } = start()
    const first = await tokens.of('a', next())
    tokens.tune({ maxEntries: 1, ttlOffsetMs: 20_000 })
    expect(tokens.of('a', next())).toBe(first)
    await tokens.of('b', next())
    expect(tokens.size).toBe(1)
    const second = await tokens.of('b', next())
    vi.advanceTimersByTime(40_001)
    expect(await tokens.of('b', next())).not.toBe(second)
  })

  it('is replaced a while before it expires', async () => {
    const { tokens, next } = start()
    const first = await tokens.of('a', next())
    vi.advanceTimersByTime(49_999)
    expect(tokens.of('a', next())).toBe(first)
    vi.advanceTimersByTime(1)
    expect((await tokens.of('a', next())).value).toBe('t2')
  })

  it('that lives for a short time is used for half of it at least', async () => {
    const { tokens, next } = start({ ttlOffsetMs: 5 * MINUTE })
    await tokens.of('a', next())
    vi.advanceTimersByTime(29_999)
    expect((await tokens.of('a', next())).value).toBe('t1')
    vi.advanceTimersByTime(1)
    expect((await tokens.of('a', next())).value).toBe('t2')
  })

  it('that is not in use goes when there are too many', async () => {
    const { tokens, next, made } = start()
    const used = await tokens.of('a', next())
    for (const key of ['b', 'c', 'd']) {
      await tokens.of(key, next())
      used.use()
    }
    for (const key of ['e', 'f']) {
      await tokens.of(key, next())
      used.use()
    }
    expect(tokens.size).toBe(3)
    const before = made()
    expect(tokens.of('a', next())).toBe(used)
    await tokens.of('b', next())
    expect(made()).toBe(before + 1)
  })

  it('that has gone is no longer good for those who hold it', async () => {
    const { tokens, next } = start({ maxEntries: 1 })
    const first = await tokens.of('a', next())
    const second = await tokens.of('b', next())
    expect([first.isGood, second.isGood]).toEqual([false, true])
  })
})

describe('a token that was refused', () => {
  it('is replaced, once for all who were refused with it', async () => {
    const { tokens, next } = start()
    const first = await tokens.of('a', next())
    expect([tokens.drop(first), tokens.drop(first)]).toEqual([true, true])
    expect((await tokens.of('a', next())).value).toBe('t2')
    expect(tokens.drop(first)).toBe(true)
    expect((await tokens.of('a', next())).value).toBe('t2')
  })

  it('is not replaced again and again while the replacements are refused too', async () => {
    const { tokens, next } = start()
    tokens.drop(await tokens.of('a', next()))
    const second = await tokens.of('a', next())
    expect(tokens.drop(second)).toBe(false)
    expect(tokens.of('a', next())).toBe(second)
    vi.advanceTimersByTime(10_000)
    expect(tokens.drop(second)).toBe(true)
    expect((await tokens.of('a', next())).value).toBe('t3')
  })
})

describe('a token that cannot be got', () => {
  it('is asked for again after a moment, and after a longer one each time', async () => {
    const { tokens, next } = start()
    let tries = 0
    const fail = async () => {
      throw new Error(`try ${++tries}`)
    }
    await expect(tokens.of('a', fail)).rejects.toThrow('try 1')
    await expect(tokens.of('a', fail)).rejects.toThrow('try 1')
    vi.advanceTimersByTime(1_000)
    await expect(tokens.of('a', fail)).rejects.toThrow('try 2')
    vi.advanceTimersByTime(1_999)
    await expect(tokens.of('a', fail)).rejects.toThrow('try 2')
    expect((await tokens.of('b', next())).value).toBe('t1')
    vi.advanceTimersByTime(1)
    expect((await tokens.of('a', next())).value).toBe('t2')
    expect(tries).toBe(2)
  })
})

describe('a token that is to be replaced', () => {
  const down = async (): Promise<Token> => {
    throw new Unreachable('down')
  }

  it('goes on until it expires while nobody can be asked for another', async () => {
    const { tokens, next } = start()
    const first = await tokens.of('a', next())
    vi.advanceTimersByTime(50_000)
    expect(first.isGood).toBe(false)
    expect(await Promise.all([tokens.of('a', down), tokens.of('a', down)])).toEqual([first, first])
    vi.advanceTimersByTime(9_999)
    expect(await tokens.of('a', down)).toBe(first)
    vi.advanceTimersByTime(1)
    await expect(tokens.of('a', down)).rejects.toThrow('down')
  })

  it('does not when another is refused, or when it was refused itself', async () => {
    const { tokens, next } = start()
    const no = async (): Promise<Token> => {
      throw new Error('invalid_grant')
    }
    await tokens.of('a', next())
    const refused = await tokens.of('b', next())
    vi.advanceTimersByTime(50_000)
    await expect(tokens.of('a', no)).rejects.toThrow('invalid_grant')
    expect(await tokens.of('b', down)).toBe(refused)
    expect(tokens.drop(refused)).toBe(true)
    await expect(tokens.of('b', down)).rejects.toThrow('down')
  })

  it('is forgotten once it has expired', async () => {
    const { tokens, next } = start({ maxEntries: 100 })
    await tokens.of('a', next())
    await tokens.of('b', next())
    vi.advanceTimersByTime(60_000)
    await tokens.of('c', next())
    expect(tokens.size).toBe(1)
  })
})

it('the name of a token tells parts apart, and says nothing of them', () => {
  expect(keyOf(['a', 'bc'])).not.toBe(keyOf(['ab', 'c']))
  expect(keyOf(['secret'])).toMatch(/^[\w-]{43}$/)
})
