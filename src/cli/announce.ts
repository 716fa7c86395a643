import { type BackendRow, backendRow, backendTable } from './backend-rows.ts'
import { clientHints } from './clients.ts'
import type { Running } from './running.ts'
import { settled } from './settled.ts'
import type { Terminal } from './terminal.ts'

/** How long the table of backends waits for the slow ones. */
const PATIENCE_MS = 5_000

/** Says what happens, for people or, line by line, for programs. */
export interface Announcer {
  listening(url: string | undefined): void
  /** Once the backends have answered or failed, or taken too long. */
  backends(running: Running, signal: AbortSignal): Promise<void>
  hints(url: string): void
  stopped(): void
}

export function jsonAnnouncer(terminal: Terminal): Announcer {
  return {
    listening: (url) => terminal.json({ event: 'listening', url: url ?? 'stdio' }),
    async backends(running, signal) {
      await settled(running.backends, PATIENCE_MS, signal)
      if (!signal.aborted) terminal.json({ event: 'backends', backends: rowsOf(running) })
    },
    hints: () => undefined,
    stopped: () => terminal.json({ event: 'stopped' }),
  }
}

export function textAnnouncer(terminal: Terminal, version: string): Announcer {
  const { colors } = terminal
  return {
    listening(url) {
      const place = url === undefined ? 'on stdin and stdout' : `at ${colors.cyan(colors.bold(url))}`
      terminal.out(`${colors.bold('vmcp')} ${version} serves ${place}\n`)
    },
    async backends(running, signal) {
      const waiting = () => rowsOf(running).filter(({ state }) => state === 'connecting').length
      const done = terminal.spin(() => `waiting for ${waiting()} of ${running.backends.all.length} backends`)
      await settled(running.backends, PATIENCE_MS, signal).finally(done)
      if (signal.aborted || running.backends.all.length === 0) return
      terminal.out(`${backendTable(rowsOf(running), colors)}\n`)
      if (waiting() > 0) terminal.out(`${waiting()} still connecting; they join when they answer\n`)
    },
    hints(url) {
      terminal.out('Connect a client:')
      for (const { client, file, text } of clientHints(url))
        terminal.out(`  ${colors.bold(client)}${file === undefined ? '' : `, in ${file}`}:\n    ${text}`)
      terminal.out(colors.dim('\nCtrl-C stops it.'))
    },
    stopped: () => undefined,
  }
}

function rowsOf({ backends }: Running): BackendRow[] {
  return backends.all.map(backendRow)
}
