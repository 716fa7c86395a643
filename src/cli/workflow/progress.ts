import type { RunSeen } from '../../core/witness.ts'
import { printable } from '../../observe/printable.ts'
import type { Outline } from '../../workflows/outline.ts'
import type { Terminal } from '../terminal.ts'
import { seconds } from './labels.ts'

/** Shows how far a run is. */
export interface Progress {
  see(seen: RunSeen): void
  /** Until `resume`, something else is on the terminal. */
  pause(): void
  resume(): void
  end(): void
}

const FRAME_MS = 100
/** Lines that are not for steps. */
const SPARE_ROWS = 3

/** A list of the steps that is painted anew as they go; or else a line for each thing that happens. */
export function progressOn(terminal: Terminal, outline: Outline, rows: number): Progress {
  if (terminal.repaint() === undefined || outline.steps.length > rows - SPARE_ROWS) return new Lines(terminal)
  return new LiveList(terminal, outline)
}

class Lines implements Progress {
  readonly #terminal: Terminal
  #startedAt: number | undefined

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  see(seen: RunSeen): void {
    this.#startedAt ??= seen.at
    if (seen.step === undefined) return
    const time = ((seen.at - this.#startedAt) / 1000).toFixed(3)
    this.#terminal.out(`${time} s  ${printable(seen.step.id)}: ${wordsOf(seen)}`)
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
}

function wordsOf({ type, durationMs, error }: RunSeen): string {
  const how = type.replace('step_', '')
  const why = error === undefined ? '' : `: ${printable(error.message)}`
  return `${how}${durationMs === undefined ? '' : ` (${seconds(durationMs)})`}${why}`
}

type Status = 'pending' | 'running' | 'retrying' | 'completed' | 'failed' | 'skipped' | 'cancelled'

interface Row {
  readonly status: Status
  readonly since: number
  readonly detail: string
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

class LiveList implements Progress {
  readonly #terminal: Terminal
  readonly #steps: Outline['steps']
  readonly #width: number
  readonly #rows = new Map<string, Row>()
  #paint: ((text: string) => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #frame = 0

  constructor(terminal: Terminal, { steps }: Outline) {
    this.#terminal = terminal
    this.#steps = steps
    this.#width = Math.max(...steps.map(({ id }) => id.length))
    this.resume()
  }

  see(seen: RunSeen): void {
    if (seen.step === undefined) return
    const status = seen.type.replace('step_', '') as Status | 'started'
    const before = this.#rows.get(seen.step.id)
    const row: Row =
      status === 'started'
        ? { status: 'running', since: seen.at, detail: '' }
        : { status, since: before?.since ?? seen.at, detail: detailOf(seen) }
    this.#rows.set(seen.step.id, row)
    this.#draw()
  }

  pause(): void {
    clearInterval(this.#timer)
    this.#paint?.('')
    this.#paint = undefined
  }

  resume(): void {
    this.#paint = this.#terminal.repaint()
    this.#draw()
    this.#timer = setInterval(() => this.#draw(), FRAME_MS)
  }

  end(): void {
    clearInterval(this.#timer)
    this.#draw()
  }

  #draw(): void {
    this.#frame++
    this.#paint?.(this.#steps.map((step) => this.#line(step)).join('\n'))
  }

  #line({ id, tool, type }: Outline['steps'][number]): string {
    const { colors } = this.#terminal
    const { status, since, detail } = this.#rows.get(id) ?? { status: 'pending', since: 0, detail: '' }
    const isBusy = status === 'running' || status === 'retrying'
    const time = isBusy ? seconds(Date.now() - since) : ''
    const name = printable(id).padEnd(this.#width)
    const what = colors.dim(printable(tool ?? type))
    return [this.#sign(status), name, what, time, detail].filter((part) => part !== '').join('  ')
  }

  #sign(status: Status): string {
    const { colors } = this.#terminal
    switch (status) {
      case 'pending':
        return colors.dim('·')
      case 'running':
        return colors.cyan(FRAMES[this.#frame % FRAMES.length] ?? '')
      case 'retrying':
        return colors.yellow(FRAMES[this.#frame % FRAMES.length] ?? '')
      case 'completed':
        return colors.green('✓')
      case 'skipped':
        return colors.dim('–')
      case 'failed':
      case 'cancelled':
        return colors.red('✗')
    }
  }
}

function detailOf({ type, durationMs, error }: RunSeen): string {
  const time = durationMs === undefined ? '' : seconds(durationMs)
  const words = type === 'step_completed' ? '' : type.replace('step_', '')
  return [time, words, error === undefined ? '' : printable(error.message)]
    .filter((it) => it !== '')
    .join('  ')
}
