import { type Backend, lastReady } from '../core/ports.ts'

/** Backends' own instructions are quoted up to this many characters each. */
const QUOTED = 2_000

/** What a client's model is told of the servers behind us: their own instructions, each under its name. */
export function instructionsOf(backends: readonly Backend[]): string | undefined {
  const parts = backends.flatMap(({ name, state }) => {
    const text = lastReady(state)?.server.instructions?.trim()
    return text ? [`## ${name}\n${text.slice(0, QUOTED)}`] : []
  })
  return parts.length === 0 ? undefined : parts.join('\n\n')
}
