import type { Backend, Backends } from '../core/ports.ts'
import type { Terminal } from './terminal.ts'

/** `undefined` where it is not. */
export function whyDown({ state }: Backend): string | undefined {
  switch (state.status) {
    case 'ready':
    case 'reserved':
      return undefined
    case 'connecting':
      return 'has not answered in time'
    case 'failed':
      return `is down: ${state.error.message}`
  }
}

/** Says which backends are down, and why. */
export function printDown({ all }: Pick<Backends, 'all'>, terminal: Terminal): void {
  for (const backend of all) {
    const why = whyDown(backend)
    if (why !== undefined)
      terminal.err(`${terminal.errorColors.red('down:')} backend '${backend.name}' ${why}`)
  }
}
