import type { WriteStream } from 'node:tty'
import pc from 'picocolors'
import { printable } from '../observe/printable.ts'

export type Colors = ReturnType<typeof pc.createColors>

/** Where a command's results and remarks go. */
export interface Terminal {
  /** Of the stream that results go to. */
  readonly colors: Colors
  /** Of stderr. */
  readonly errorColors: Colors
  /** How many fit into a line, where results go to a terminal. */
  readonly columns: number | undefined
  /** Prints a result, as one or more lines. */
  out(text: string): void
  /** Prints a remark to stderr. */
  err(text: string): void
  /** Prints something worth knowing to stderr. */
  note(text: string): void
  /** Prints a result for machines: one JSON text on one line. */
  json(value: unknown): void
  /** Writes whole log lines to stderr, past a spinner. */
  readonly write: (lines: string) => void
  /** Shows texts in the place of each other; `undefined` where results do not go to a terminal that can. */
  repaint(): ((text: string) => void) | undefined
  /** Shows that something is going on, on a terminal only; returns what ends it. */
  spin(label: () => string): () => void
}

type Output = Pick<WriteStream, 'write'> & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface Streams {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 80
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about
const COLOR = /(\u001b\[[\d;]*m)/
const CLEAR_LINE = '\r\u001b[K'

export function createTerminal({ stdout, stderr, env }: Streams): Terminal {
  let spinning = false
  const writeError = (text: string) => void stderr.write(spinning ? CLEAR_LINE + text : text)
  const writeOut = (text: string) => {
    if (spinning && stdout.isTTY) stderr.write(CLEAR_LINE)
    stdout.write(text)
  }
  const errorColors = pc.createColors(wantsColor(stderr, env))
  return {
    colors: pc.createColors(wantsColor(stdout, env)),
    errorColors,
    columns: stdout.isTTY === true ? stdout.columns || 80 : undefined,
    out: (text) => writeOut(`${text}\n`),
    err: (text) => writeError(`${text}\n`),
    note: (text) => writeError(`${errorColors.yellow('note:')} ${printable(text)}\n`),
    json: (value) => writeOut(`${JSON.stringify(value)}\n`),
    write: writeError,
    repaint() {
      if (stdout.isTTY !== true || env['TERM'] === 'dumb') return undefined
      let height = 0
      return (text) => {
        const lines = text.split('\n').map((line) => cut(line, stdout.columns ?? 80))
        stdout.write(`${height > 0 ? `\u001b[${height}A` : ''}\r\u001b[J${lines.join('\n')}\n`)
        height = lines.length
      }
    },
    spin(label) {
      if (!stderr.isTTY || env['TERM'] === 'dumb' || env['CI']) return () => undefined
      let frame = 0
      spinning = true
      const draw = () => stderr.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${printable(label())}`)
      draw()
      const timer = setInterval(draw, FRAME_MS)
      return () => {
        clearInterval(timer)
        if (spinning) stderr.write(CLEAR_LINE)
        spinning = false
      }
    },
  }
}

/** As much of a line as fits, so that one line is one row. What colours it takes no room. */
function cut(line: string, columns: number): string {
  let room = columns
  const parts = line.split(COLOR).map((part, at) => {
    if (at % 2 === 1) return part
    const shown = [...part].slice(0, room)
    room -= shown.length
    return shown.join('')
  })
  return parts.join('')
}

/** https://no-color.org and its opposite. */
function wantsColor(stream: Output, env: Streams['env']): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

/** A terminal whose results go to stderr, for when stdout carries the protocol. */
export function resultsOnStderr(streams: Streams): Terminal {
  return createTerminal({ ...streams, stdout: streams.stderr })
}
