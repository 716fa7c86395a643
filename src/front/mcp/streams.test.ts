import { describe, expect, it } from 'vitest'
import { ANONYMOUS, type Principal } from '../../core/caller.ts'
import { Streams } from './streams.ts'

const user = (subject: string): Principal => ({ issuer: 'i', subject, name: subject, claims: {} })
const end = () => () => {}
const FULL = expect.objectContaining({ code: 'rate_limited' })

describe('the subscriptions that are open', () => {
  it('are at most a quarter of all for one user, and one more when one has ended', () => {
    const streams = new Streams(8)
    const [first] = [1, 2].map(() => streams.open(user('ada'), end()))
    expect(() => streams.open(user('ada'), end())).toThrow(FULL)
    for (const other of ['bob', 'eve']) streams.open(user(other), end())
    first?.()
    first?.()
    streams.open(user('ada'), end())
    expect(() => streams.open(user('ada'), end())).toThrow('one user can have 2 subscriptions open')
  })

  it('are bounded for all together, and for callers who cannot be told apart', () => {
    const streams = new Streams(2)
    for (let n = 0; n < 2; n++) streams.open(ANONYMOUS, end())
    expect(() => streams.open(ANONYMOUS, end())).toThrow('no more than 2 subscriptions can be open')
    expect(() => streams.open(user('ada'), end())).toThrow(FULL)
  })

  it('are all ended when the front closes', () => {
    const streams = new Streams(8)
    const ended: string[] = []
    for (const name of ['ada', 'bob']) streams.open(user(name), () => ended.push(name))
    streams.endAll()
    expect(ended).toEqual(['ada', 'bob'])
  })
})
