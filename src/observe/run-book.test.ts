import { expect, it } from 'vitest'
import { PartRef } from '../core/call.ts'
import { ANONYMOUS_CALLER } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { RunSeen } from '../core/witness.ts'
import { RunBook } from './run-book.ts'

const STEPS = [
  { id: 'look', type: 'tool', tool: 'a.look' },
  { id: 'confirm', type: 'elicitation', tool: undefined },
]

/** One run, as it is seen. */
function seenRun(book: RunBook, run: string, earlier = new Map()) {
  const ended: GatewayError[] = []
  const ref = new PartRef({ id: 'request' })
  const see = (type: RunSeen['type'], more: Partial<RunSeen> = {}) =>
    book.witness({
      ...{ type, run, workflow: 'deploy', at: 1_000, caller: ANONYMOUS_CALLER, ref },
      ...{ step: undefined, stepRef: undefined, durationMs: undefined, error: undefined },
      ...more,
    })
  see('workflow_started', {
    begun: { steps: STEPS, resumed: earlier.size > 0, earlier, end: (reason) => ended.push(reason) },
  })
  return { see, ended }
}

it('tells what each step of a run does, that it waits for a person, and how it ended', () => {
  const book = new RunBook()
  const { see } = seenRun(book, 'one')
  const [look, confirm] = STEPS
  see('step_started', { step: look })
  expect(book.find('one')).toMatchObject({ state: 'running', caller: 'Anonymous User', done: 0 })
  const error = { code: 'unavailable', message: 'gone' } as const
  see('step_retrying', { step: look, error })
  expect(book.find('one')?.steps[0]).toMatchObject({ status: 'running', retries: 1, error })
  see('step_completed', { step: look, durationMs: 12 })
  see('step_started', { step: confirm, at: 2_000 })
  expect(book.find('one')).toMatchObject({
    state: 'waiting',
    done: 1,
    steps: [
      { id: 'look', status: 'completed', durationMs: 12, retries: 1 },
      { id: 'confirm', status: 'waiting', began: '1970-01-01T00:00:02.000Z' },
    ],
  })
  expect(book.find('one')?.steps[0]).not.toHaveProperty('error')
  const timeout = { code: 'timeout', message: 'nobody answered' } as const
  see('step_failed', { step: confirm, durationMs: 5, error: timeout })
  see('workflow_failed', { durationMs: 20, error: timeout })
  expect(book.find('one')).toMatchObject({ state: 'failed', durationMs: 20, done: 2, error: timeout })
})

it('ends a run that is under way, and none that has ended', () => {
  const book = new RunBook()
  const { see, ended } = seenRun(book, 'one')
  const reason = new GatewayError('cancelled', 'enough')
  expect(book.end('one', reason)).toBe(true)
  expect(ended).toEqual([reason])
  see('workflow_cancelled', { durationMs: 1 })
  expect(book.end('one', reason)).toBe(false)
  expect(book.end('other', reason)).toBe(false)
})

it('shows a run that was resumed once, and what was done before; what becomes of the one before is not told of it', () => {
  const book = new RunBook()
  const before = seenRun(book, 'one')
  seenRun(book, 'one', new Map([['look', { status: 'completed', durationMs: 3 }]]))
  expect(before.ended).toHaveLength(1)
  before.see('workflow_cancelled', { durationMs: 9 })
  expect(book.all()).toHaveLength(1)
  expect(book.find('one')).toMatchObject({
    state: 'running',
    resumed: true,
    done: 1,
    steps: [{ status: 'completed', earlier: true, durationMs: 3 }, { status: 'pending' }],
  })
})

it('keeps the last runs that have ended and so many under way, whatever happens', () => {
  const book = new RunBook({ running: 5, ended: 3 })
  for (let n = 0; n < 20; n++) seenRun(book, `n${n}`).see('workflow_completed', { durationMs: n })
  for (let n = 0; n < 20; n++) seenRun(book, `r${n}`)
  expect(book.all().map(({ id }) => id)).toEqual(['r4', 'r3', 'r2', 'r1', 'r0', 'n19', 'n18', 'n17'])
})
