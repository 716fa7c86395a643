import { expect, it } from 'vitest'
import { GatewayError } from '../../core/errors.ts'
import type { Offer, ServerFacts } from '../../core/ports.ts'
import { EqualViews } from './equal.ts'

const SERVER: ServerFacts = {
  era: 'modern',
  version: '2026-07-28',
  info: {},
  capabilities: {},
  instructions: undefined,
}

function offer(...names: string[]): Offer {
  return { tools: names.map((name) => ({ name })), prompts: [], resources: [], templates: [] }
}

it('what is equal is the same, as long as somebody holds it', () => {
  const views = new EqualViews()
  const one = views.ready(offer('a'), SERVER)
  views.hold(one)
  expect(views.ready(offer('a'), { ...SERVER })).toBe(one)
  expect(views.ready(offer('b'), SERVER)).not.toBe(one)
  expect(views.ready(offer('a'), { ...SERVER, instructions: 'for you' })).not.toBe(one)
  expect(views.isOnes(one)).toBe(true)
  views.hold(one)
  expect(views.isOnes(one)).toBe(false)
  views.release(one)
  views.release(one)
  expect([views.count, views.size]).toEqual([0, 0])
  expect(views.ready(offer('a'), SERVER)).not.toBe(one)
})

it('what failed for the same reason is the same, with what was there before, and keeps nothing else of the error', () => {
  const views = new EqualViews()
  const last = views.ready(offer('a'), SERVER)
  views.hold(last)
  const cause = { headers: 'of one user' }
  const failed = views.failed(
    new GatewayError('unavailable', 'gone', { cause, data: { of: 'one user' } }),
    last,
  )
  views.hold(failed)
  views.release(last)
  expect(views.failed(new GatewayError('unavailable', 'gone'), last)).toBe(failed)
  expect(views.failed(new GatewayError('unavailable', 'gone'), undefined)).not.toBe(failed)
  expect([failed.error.cause, failed.error.data]).toEqual([undefined, undefined])
  expect(views.count).toBe(2)
  views.release(failed)
  expect([views.count, views.size]).toEqual([0, 0])
})
