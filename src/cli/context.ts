import type { Terminal } from './terminal.ts'

/** What a command works with. It sets the exit code where that is not 0. */
export interface CommandContext {
  readonly terminal: Terminal
  /** Everything to stderr, for when stdout carries the protocol. */
  readonly stderrTerminal: Terminal
  exitCode: number
}
