import { createInterface } from 'node:readline'
import type { JsonObject } from '../../core/catalog.ts'
import { printable } from '../../observe/printable.ts'
import type { Reply } from '../../operator/run.ts'
import { problemOf } from '../../workflows/arguments.ts'
import type { Terminal } from '../terminal.ts'

/** How the one who runs a composite tool is asked what it wants to know. */
export type AskPerson = (message: string, schema: JsonObject, signal: AbortSignal) => Promise<Reply>

/** By prompts where there is somebody to see them; or else by lines of stdin. */
export function askPerson(terminal: Terminal): AskPerson {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true)
    return askByLines(terminal, process.stdin)
  return async (message, schema, signal) => {
    const { askByPrompts } = await import('./prompts.ts')
    const interrupted = () => void process.emit('SIGINT')
    return askByPrompts(message, schema, {
      input: process.stdin,
      output: process.stderr,
      signal,
      interrupted,
    })
  }
}

const HOW = 'one line of stdin answers it: a JSON object accepts, and else decline or cancel'

/** Each line answers a question, wherever the lines come from. When they end, what is asked is cancelled. */
export function askByLines(terminal: Terminal, input: NodeJS.ReadableStream): AskPerson {
  let lines: AsyncIterator<string> | undefined
  return async (message, schema, signal) => {
    terminal.err(`question: ${message.trim().split('\n').map(printable).join('\n  ')}`)
    for (const [name, of] of Object.entries((schema['properties'] ?? {}) as JsonObject))
      terminal.err(`  ${printable(name)}: ${printable(JSON.stringify(of))}`)
    terminal.err(`  (${HOW})`)
    lines ??= createInterface({ input })[Symbol.asyncIterator]()
    for (;;) {
      const next = await Promise.race([lines.next(), aborted(signal)])
      if (next === undefined || next.done === true) return { action: 'cancel' }
      const reply = replyOf(next.value.trim(), schema)
      if (typeof reply !== 'string') return reply
      terminal.err(`  no answer: ${reply} (${HOW})`)
    }
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
}

/** Or what is wrong with it. */
function replyOf(line: string, schema: JsonObject): Reply | string {
  if (line === 'decline' || line === 'cancel') return { action: line }
  try {
    const content: unknown = JSON.parse(line)
    return problemOf(schema, content) ?? { action: 'accept', content: content as JsonObject }
  } catch {
    return 'it is no JSON'
  }
}
