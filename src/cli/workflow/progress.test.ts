import { expect, it } from 'vitest'
import { ANONYMOUS_CALLER } from '../../core/caller.ts'
import type { RunSeen, RunSeenType } from '../../core/witness.ts'
import { outlineOf } from '../../workflows/outline.ts'
import { createTerminal } from '../terminal.ts'
import { progressOn } from './progress.ts'

const outline = outlineOf({
  name: 'w',
  description: 'd',
  steps: [
    { type: 'tool', id: 'one', tool: 'a.b' },
    { type: 'elicitation', id: 'ask', message: 'm', schema: {} },
    { type: 'tool', id: 'last', tool: 'a.c' },
  ],
})

function screen(isTTY: boolean) {
  let written = ''
  const stdout = {
    isTTY,
    columns: 80,
    write(text: string | Uint8Array) {
      written += String(text)
      return true
    },
  }
  const terminal = createTerminal({ stdout, stderr: { write: () => true }, env: { NO_COLOR: '1' } })
  return {
    terminal,
    text: () => written,
    last: () => written.split('\u001b[J').at(-1)?.trimEnd().split('\n'),
  }
}

function seen(type: RunSeenType, id: string | undefined, at: number, more: Partial<RunSeen> = {}): RunSeen {
  const step = id === undefined ? undefined : { id, type: 'tool', tool: undefined }
  const base = {
    run: 'r',
    workflow: 'w',
    caller: ANONYMOUS_CALLER,
    ref: undefined,
    durationMs: undefined,
    error: undefined,
  }
  return { ...base, type, at, step, ...more } as RunSeen
}

it('is a list on a terminal that is painted anew, and makes way for questions', () => {
  const { terminal, last } = screen(true)
  const progress = progressOn(terminal, outline, 24)
  expect(last()).toEqual(['·  one   a.b', '·  ask   elicitation', '·  last  a.c'])
  const now = Date.now()
  progress.see(seen('workflow_started', undefined, now))
  progress.see(seen('step_started', 'one', now))
  progress.see(seen('step_completed', 'one', now, { durationMs: 1230 }))
  progress.see(seen('step_started', 'ask', now))
  expect(last()?.[0]).toBe('✓  one   a.b  1.2 s')
  expect(last()?.[1]).toMatch(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] {2}ask {3}elicitation {2}\d+ ms$/)
  progress.pause()
  expect(last()).toEqual([''])
  progress.resume()
  const error = { code: 'backend', message: 'it\nbroke' } as const
  progress.see(seen('step_failed', 'ask', now, { durationMs: 5, error }))
  progress.see(seen('step_skipped', 'last', now))
  progress.end()
  expect(last()).toEqual([
    '✓  one   a.b  1.2 s',
    '✗  ask   elicitation  5 ms  failed  it\\nbroke',
    '–  last  a.c  skipped',
  ])
})

it.each([
  ['where nothing is a terminal', false, 24],
  ['where the list would be longer than the terminal', true, 5],
])('is a line for each thing that happens %s', (_, isTTY, rows) => {
  const { terminal, text } = screen(isTTY)
  const progress = progressOn(terminal, outline, rows)
  progress.see(seen('workflow_started', undefined, 1000))
  progress.see(seen('step_started', 'one', 1010))
  progress.pause()
  progress.resume()
  progress.see(seen('step_retrying', 'one', 1200, { error: { code: 'backend', message: 'busy' } }))
  progress.see(seen('step_completed', 'one', 2500, { durationMs: 1490 }))
  progress.end()
  expect(text()).toBe(
    '0.010 s  one: started\n0.200 s  one: retrying: busy\n1.500 s  one: completed (1.5 s)\n',
  )
})
