import { expect, test } from 'vitest'
import type { Aside, Change } from '../core/gateway.ts'
import { RawObject } from '../core/raw.ts'
import { Ears } from './ears.ts'

const notice: Aside = {
  backend: 'b',
  kind: 'notice',
  notice: { method: 'notifications/message', params: RawObject.of({ level: 'info' }) },
}
const ask: Aside = {
  backend: 'b',
  kind: 'ask',
  ask: { method: 'roots/list', params: RawObject.empty },
  reply() {},
}

function hearing(ears: Ears, session: string) {
  const heard: Change['kind'][] = []
  const stop = ears.hear(session, ({ kind }) => heard.push(kind))
  return { heard, stop }
}

test('what is said to a session reaches it and no other', () => {
  const ears = new Ears()
  const [one, other] = [hearing(ears, 'one'), hearing(ears, 'other')]
  expect(ears.aside('one', notice)).toBe(true)
  expect([one.heard, other.heard]).toEqual([['notice'], []])
})

test('everybody who listens for a session hears a notice, and the last one is asked', () => {
  const ears = new Ears()
  const [before, now] = [hearing(ears, 's'), hearing(ears, 's')]
  ears.aside('s', notice)
  ears.aside('s', ask)
  expect([before.heard, now.heard]).toEqual([['notice'], ['notice', 'ask']])
  now.stop()
  ears.aside('s', ask)
  expect(before.heard).toEqual(['notice', 'ask'])
})

test('where nobody listens nobody takes it, also when somebody has stopped twice', () => {
  const ears = new Ears()
  expect(ears.aside('s', notice)).toBe(false)
  const first = hearing(ears, 's')
  first.stop()
  expect(ears.aside('s', notice)).toBe(false)
  const second = hearing(ears, 's')
  first.stop()
  expect(ears.aside('s', ask)).toBe(true)
  expect([first.heard, second.heard]).toEqual([[], ['ask']])
})
