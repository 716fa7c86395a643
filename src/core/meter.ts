import type { Attributes } from './trace.ts'

export interface Metric {
  /** As OpenTelemetry has it, without the suffixes that Prometheus adds. */
  readonly name: string
  readonly description: string
}

/** Adds to a count, or notes how long something took. Cheap: it knows its attributes. */
export type Recorder = (value: number) => void

/** One series for each set of attributes. Ask once, and keep what you get where calls pass. */
export type Series = (attributes: Attributes) => Recorder

export interface Reading {
  readonly value: number
  readonly attributes: Attributes
}

/** What is counted and timed, for whoever collects it. Attributes must have few values: each set is kept for good. */
export interface Meter {
  /** What only grows. */
  counter(metric: Metric): Series
  /** Times in seconds. */
  timing(metric: Metric): Series
  /** How much of something that has no unit. @param bounds upper ones of the buckets, in their order */
  amount(metric: Metric, bounds: readonly number[]): Series
  /** What is now; `read` is asked at each collection. */
  gauge(metric: Metric, read: () => Iterable<Reading>): void
  /** As `gauge`, of counts that somebody else keeps. */
  total(metric: Metric, read: () => Iterable<Reading>): void
}
