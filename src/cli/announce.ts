import { settled } from '../live/settled.ts'
import type { Running } from '../running.ts'
import { type BackendRow, backendRow, backendTable } from './backend-rows.ts'
import { clientHints } from './clients.ts'
import type { Door } from './door.ts'
import type { Terminal } from './terminal.ts'

/** How long the table of backends waits for the slow ones. */
const PATIENCE_MS = 5_000

/** Says what happens, for people or, line by line, for programs. */
export interface Announcer {
  listening(door: Door): void
  /** Until the backends have answered or failed, or taken too long. */
  wait(door: Door, signal: AbortSignal): Promise<void>
  /** What is served, and how to connect to it. */
  introduce(door: Door): void
  stopped(): void
}

export function jsonAnnouncer(terminal: Terminal): Announcer {
  return {
    listening: ({ url }) => terminal.json({ event: 'listening', url: url ?? 'stdio' }),
    wait: ({ running }, signal) => settled(running.backends, PATIENCE_MS, signal),
    introduce: ({ running }) => terminal.json({ event: 'backends', backends: rowsOf(running) }),
    stopped: () => terminal.json({ event: 'stopped' }),
  }
}

export function textAnnouncer(terminal: Terminal, version: string): Announcer {
  const { bold, cyan } = terminal.colors
  return {
    listening({ url }) {
      const place = url === undefined ? 'on stdin and stdout' : `at ${cyan(bold(url))}`
      terminal.out(`${bold('vmcp')} ${version} serves ${place}\n`)
    },
    wait: ({ running }, signal) => waitVisibly(running, terminal, signal),
    introduce({ url, running }) {
      printBackends(rowsOf(running), terminal)
      if (url !== undefined) printHints(url, terminal)
    },
    stopped: () => undefined,
  }
}

async function waitVisibly({ backends }: Running, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const waiting = () => backends.all.filter(({ state }) => state.status === 'connecting').length
  const done = terminal.spin(() => `waiting for ${waiting()} of ${backends.all.length} backends`)
  await settled(backends, PATIENCE_MS, signal).finally(done)
}

function printBackends(rows: readonly BackendRow[], { colors, out }: Terminal): void {
  if (rows.length === 0) return
  out(`${backendTable(rows, colors)}\n`)
  const waiting = rows.filter(({ state }) => state === 'connecting').length
  if (waiting > 0) out(`${waiting} still connecting; they join when they answer\n`)
}

function printHints(url: string, { colors, out }: Terminal): void {
  out('Connect a client:')
  for (const { client, file, text } of clientHints(url))
    out(`  ${colors.bold(client)}${file === undefined ? '' : `, in ${file}`}:\n    ${text}`)
  out(colors.dim('\nCtrl-C stops it.'))
}

function rowsOf({ backends }: Running): BackendRow[] {
  return backends.all.map(backendRow)
}
