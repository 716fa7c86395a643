import type { Terminal } from './terminal.ts'

const LOOK_MS = 1_000

export function betweenLooks(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}

interface Views<T> {
  /** For machines; absent where people look. */
  readonly json: ((thing: T) => object) | undefined
  /** For a terminal, where each takes the place of the one before. */
  readonly text: (thing: T) => string
  /** For logs and pipes, by what they are about: what has changed is printed. */
  readonly lines: (thing: T) => ReadonlyMap<string, string>
}

/** Shows a thing again and again. */
export function shower<T>(terminal: Terminal, { json, text, lines }: Views<T>): (thing: T) => void {
  if (json !== undefined) return (thing) => terminal.json(json(thing))
  const repaint = terminal.repaint()
  if (repaint !== undefined) return (thing) => repaint(text(thing))
  let before: ReadonlyMap<string, string> = new Map()
  return (thing) => {
    const now = lines(thing)
    const at = new Date().toISOString()
    for (const [of, line] of now) if (before.get(of) !== line) terminal.out(`${at} ${line}`)
    for (const of of before.keys()) if (!now.has(of)) terminal.out(`${at} ${of} is gone`)
    before = now
  }
}
