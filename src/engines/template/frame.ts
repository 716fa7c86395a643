import type { Budget, Sink } from './bounds.ts'

/** Where one body stands while it runs. */
export interface Frame {
  readonly budget: Budget
  /** By slot; slot 0 is `$`. */
  readonly variables: unknown[]
  dot: unknown
}

export interface WritingFrame extends Frame {
  readonly out: Sink
}

export type Evaluate = (frame: Frame) => unknown

/** A later stage of a pipeline: what is `piped` comes last among the arguments. */
export type Stage = (frame: Frame, piped: unknown) => unknown

export type Signal = 'break' | 'continue' | undefined

export type Execute = (frame: WritingFrame) => Signal
