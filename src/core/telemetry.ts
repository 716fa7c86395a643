import type { BackendConfig } from './config.ts'
import type { Meter } from './meter.ts'
import type { Backends, ListingWitness } from './ports.ts'
import type { TelemetryConfig } from './telemetry-config.ts'
import type { BeginPart, Tracer } from './trace.ts'
import type { Observer } from './witness.ts'

/** Telemetry at work: it observes, and is told in some places by those who know more. */
export interface Telemetry extends Observer {
  readonly config: TelemetryConfig
  /** Absent where no metrics are collected. */
  readonly meter: Meter | undefined
  /** Absent where no traces are. */
  readonly tracer: Tracer | undefined
  /** Collects the metrics in Prometheus' text format; absent where it is not wanted. */
  readonly scrape: (() => Promise<string>) | undefined
  /** Absent where no traces are collected. */
  readonly beginPart: BeginPart | undefined
  readonly onList: ListingWitness
  /** The same backends, whose calls are counted, timed and traced. */
  observe(backends: Omit<Backends, 'close'>, configs: readonly BackendConfig[]): Omit<Backends, 'close'>
  /** From now on it reads how these do, whichever they are when that is asked. */
  gauge(gauged: Gauged): void
  /** A legacy session has ended. */
  sessionClosed(session: string): void
  /**
   * Another takes its place, which metrics go on with: it counts no more, sends the spans of what is under way for 10 s
   * at most, and is closed.
   */
  retire(): Promise<void>
}

export interface Gauged {
  readonly backends: Pick<Backends, 'all' | 'watch'>
  readonly connections: () => OpenConnections
}

/** What clients have open. */
export interface OpenConnections {
  /** Of the legacy era. */
  readonly sessions: number
  /** Event streams that bring what belongs to no call. */
  readonly streams: number
}
