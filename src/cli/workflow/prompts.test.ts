import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Reply } from '../../operator/run.ts'
import { askByPrompts } from './prompts.ts'

const ENTER = '\r'
const DOWN = '\u001b[B'
const SPACE = ' '
const ESC = '\u001b'
const CTRL_C = '\u0003'

const FORM = {
  type: 'object',
  properties: {
    environment: {
      type: 'string',
      title: 'Where',
      oneOf: [{ const: 's', title: 'Staging' }, { const: 'p' }],
    },
    parts: { type: 'array', items: { type: 'string', enum: ['web', 'api'] } },
    hosts: { type: 'integer', minimum: 1, description: 'how many' },
    sure: { type: 'boolean' },
    why: { type: 'string' },
  },
  required: ['environment', 'hosts', 'sure'],
}

/** What somebody gets who types these keys, each once the prompt before is through; and what they see. */
async function typing(
  schema: object,
  keys: readonly string[],
): Promise<Reply & { readonly seen: string; readonly interrupts: number }> {
  const input = new PassThrough()
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  let seen = ''
  let interrupts = 0
  output.on('data', (chunk) => {
    seen += chunk
  })
  const reply = askByPrompts('Deploy?', schema as never, {
    input,
    output,
    signal: new AbortController().signal,
    interrupted: () => {
      interrupts++
    },
  })
  for (const key of keys) {
    await delay(30)
    input.write(key)
  }
  return { ...(await reply), seen, interrupts }
}

describe('a question at the prompt', () => {
  it('is answered field by field, with what is no answer refused at once', async () => {
    const keys = [ENTER, DOWN, ENTER, SPACE, ENTER, '0', ENTER, '\u007f', '3', ENTER, 'y', ENTER]
    const { action, content, seen } = await typing(FORM, keys)
    expect({ action, content }).toEqual({
      action: 'accept',
      content: { environment: 'p', parts: ['web'], hosts: 3, sure: true },
    })
    expect(seen).toContain('Deploy?')
    expect(seen).toContain('Where')
    expect(seen).toContain('hosts – how many')
    expect(seen).toContain('must be >= 1')
    expect(seen).toContain('why (optional)')
  })

  it('may be declined and cancelled', async () => {
    expect(await typing({}, [ENTER])).toMatchObject({ action: 'accept', content: {} })
    expect(await typing({}, [DOWN, ENTER])).toMatchObject({ action: 'decline' })
    expect(await typing({}, [ESC])).toMatchObject({ action: 'cancel', interrupts: 0 })
  })

  it('is cancelled by Ctrl-C too, which ends the command besides', async () => {
    expect(await typing({}, [CTRL_C])).toMatchObject({ action: 'cancel', interrupts: 1 })
    expect(await typing(FORM, [ENTER, CTRL_C])).toMatchObject({ action: 'cancel', interrupts: 1 })
  })
})
