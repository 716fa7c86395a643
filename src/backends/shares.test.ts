import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import type { Principal } from '../core/caller.ts'
import { exchange, legacyCaller, modernCaller, Stage, stdioConfig, textOf, toolCall } from './testing.ts'

const stage = closedAfterEach(new Stage())

const user = (subject: string): Principal => ({ issuer: 'i', subject, name: subject, claims: {} })

describe('the share of one user', () => {
  it('bounds the children that a user has, whatever sessions; others still get theirs', {
    timeout: 60_000,
  }, async () => {
    const backend = await stage.backend(stdioConfig('legacy', [], { timeoutMs: 30_000 }))
    const pid = async (session: string, principal: Principal) => {
      const { body } = await backend.run(
        { caller: legacyCaller({ session, principal }), ...toolCall('pid') },
        exchange(),
      )
      return textOf(body)
    }
    const greedy = user('greedy')
    const own = new Set<string>()
    for (let i = 0; i < 25; i++) own.add(await pid(`s${i}`, greedy))
    expect(own.size).toBe(25)
    await expect(pid('one more', greedy)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('you have 25 connections to it already'),
      data: { backend: 'b', reason: 'overloaded' },
    })
    expect(own.has(await pid('t1', user('modest')))).toBe(false)
    expect(own.has(await pid('s3', greedy))).toBe(true)
    // Clients without sessions have a share of their own kind.
    const caller = modernCaller({ principal: user('modern'), capabilities: { elicitation: {} } })
    expect(textOf((await backend.run({ caller, ...toolCall('pid') }, exchange())).body)).toMatch(/^\d+$/)
  })
})
