import type { Backend, Backends } from '../core/ports.ts'
import { printable } from '../observe/printable.ts'
import type { Terminal } from './terminal.ts'

/**
 * Follows the name of the backend; `undefined` where it is not down. For the one who runs the command, who may know what
 * a process of theirs has said.
 */
export function whyDown({ name, state, health }: Backend): string | undefined {
  switch (state.status) {
    case 'ready':
    case 'reserved':
      return undefined
    case 'connecting':
      return 'has not answered in time'
    case 'failed':
      return printable(
        `is down: ${state.error.message.replace(`backend '${name}': `, '')}${lastWords(health)}`,
      )
  }
}

function lastWords({ error }: Backend['health']): string {
  return error?.lastWords === undefined ? '' : `; its last words: ${error.lastWords}`
}

/** Says which backends are down, and why. */
export function printDown({ all }: Pick<Backends, 'all'>, terminal: Terminal): void {
  for (const backend of all) {
    const why = whyDown(backend)
    if (why !== undefined)
      terminal.err(`${terminal.errorColors.red('down:')} backend '${backend.name}' ${why}`)
  }
}
