import { describe, expect, it } from 'vitest'
import { ANONYMOUS, type Principal } from './caller.ts'
import { ownerOf, Shares } from './shares.ts'

const user = (subject: string): Principal => ({ issuer: 'i', subject, name: subject, claims: {} })

describe('the share of one user', () => {
  it('is a quarter of the room, and all of it where users cannot be told apart', () => {
    const shares = new Shares(100)
    expect(shares.most(ownerOf(user('a')))).toBe(25)
    expect(shares.most(ownerOf(ANONYMOUS))).toBe(100)
  })

  it('is counted by user', () => {
    const shares = new Shares(100)
    const [a, b] = [ownerOf(user('a')), ownerOf(user('b'))]
    shares.take(a)
    shares.take(a)
    expect([shares.of(a), shares.of(b)]).toEqual([2, 0])
    shares.giveBack(a)
    shares.giveBack(a)
    expect(shares.of(a)).toBe(0)
  })
})
