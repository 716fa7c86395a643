import { Fault } from './errors.ts'
import { GO_EXPONENT, PLAIN_EXPONENT } from './float.ts'

/** In UTF-16 units. */
export const MAX_TEXT = 1024 * 1024
/** Of blocks and parentheses within each other, in the text. */
export const MAX_NESTING = 200
/** Of names in one reference. */
export const MAX_PATH = 100
/** Of values within values, where they are printed. */
export const MAX_VALUE_DEPTH = 500

export interface Limits {
  /** Actions, iterations and arguments; text that is made counts one step for 64 characters. */
  readonly steps?: number
  /** Of the output and of every text on the way to it, in UTF-16 units. */
  readonly output?: number
  /** Of blocks and templates that are being executed within each other. */
  readonly depth?: number
  readonly timeMs?: number
}

export interface RenderOptions extends Limits {
  /**
   * How numbers of the data become text: `go` prints 1234567 as `1.234567e+06`, as Go prints a float64; `plain`
   * writes them out below 1e21, as JSON does.
   */
  readonly numbers?: 'go' | 'plain'
}

const DEFAULTS: Required<Limits> = { steps: 1_000_000, output: 10 * 1024 * 1024, depth: 1000, timeMs: 2000 }
const STEPS_BETWEEN_CLOCK_READS = 1024
const TEXT_PER_STEP_BITS = 6

/** What one run may still use. Every method throws a `Fault` with code `limit` when it is used up. */
export class Budget {
  /** Offset of the part of the template that is at work, for errors. */
  at = 0
  readonly maxOutput: number
  /** From which power of ten on numbers are printed with an exponent. */
  readonly exponent: number
  readonly #limits: Required<Limits>
  readonly #deadline: number
  #left: number
  #nextClockRead: number
  #depth = 0

  constructor(options: RenderOptions = {}) {
    this.#limits = { ...DEFAULTS, ...options }
    this.exponent = options.numbers === 'plain' ? PLAIN_EXPONENT : GO_EXPONENT
    this.maxOutput = this.#limits.output
    this.#left = this.#limits.steps
    this.#nextClockRead = Math.max(this.#left - STEPS_BETWEEN_CLOCK_READS, 0)
    this.#deadline = performance.now() + this.#limits.timeMs
  }

  step(count = 1): void {
    this.#left -= count
    if (this.#left < this.#nextClockRead) this.#check()
  }

  enter(): void {
    if (++this.#depth > this.#limits.depth) {
      throw new Fault(
        'limit',
        `more than ${this.#limits.depth} blocks within each other; does a template call itself without end?`,
      )
    }
  }

  leave(): void {
    this.#depth--
  }

  #check(): void {
    this.#nextClockRead = Math.max(this.#left - STEPS_BETWEEN_CLOCK_READS, 0)
    if (this.#left < 0) {
      throw new Fault('limit', `the template takes more than ${this.#limits.steps} steps; range over less`)
    }
    if (performance.now() > this.#deadline) {
      throw new Fault('limit', `the template takes longer than ${this.#limits.timeMs} ms; range over less`)
    }
  }
}

/** Text that grows within a budget. */
export class Sink {
  text = ''
  readonly budget: Budget

  constructor(budget: Budget) {
    this.budget = budget
  }

  write(text: string): void {
    this.text += text
    this.budget.step(1 + (text.length >> TEXT_PER_STEP_BITS))
    if (this.text.length > this.budget.maxOutput) throw tooLong(this.budget.maxOutput)
  }
}

function tooLong(limit: number): Fault {
  return new Fault('limit', `the text grows longer than ${limit} characters`)
}
