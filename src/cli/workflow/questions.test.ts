import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createTerminal } from '../terminal.ts'
import { askByLines } from './questions.ts'

const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }

function asking(lines: readonly string[]) {
  const said: string[] = []
  const write = (text: string | Uint8Array) => Boolean(said.push(String(text)))
  const terminal = createTerminal({ stdout: { write }, stderr: { write }, env: { NO_COLOR: '1' } })
  const ask = askByLines(terminal, Readable.from(lines.map((line) => `${line}\n`)))
  return {
    said,
    ask: (message: string, signal = new AbortController().signal) => ask(message, SCHEMA, signal),
  }
}

describe('a question to a program', () => {
  it('is answered by the next line that is an answer', async () => {
    const { ask, said } = asking(['{"n":"x"}', 'perhaps', '{"n":3}', 'decline', 'cancel'])
    expect(await ask('How many?')).toEqual({ action: 'accept', content: { n: 3 } })
    expect(await ask('Again?')).toEqual({ action: 'decline' })
    expect(await ask('Again?')).toEqual({ action: 'cancel' })
    expect(said.join('')).toContain('question: How many?')
    expect(said.join('')).toContain('no answer: n: must be integer')
    expect(said.join('')).toContain('no answer: it is no JSON')
  })

  it('is cancelled when no more lines come, and when it is asked no longer', async () => {
    const { ask } = asking([])
    expect(await ask('How many?')).toEqual({ action: 'cancel' })
    const control = new AbortController()
    const terminal = createTerminal({ stdout: { write: () => true }, stderr: { write: () => true }, env: {} })
    const asked = askByLines(terminal, new Readable({ read() {} }))('How many?', SCHEMA, control.signal)
    control.abort()
    expect(await asked).toEqual({ action: 'cancel' })
  })
})
