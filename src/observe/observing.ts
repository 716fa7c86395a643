import { isDeepStrictEqual } from 'node:util'
import type { GatewayConfig } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import type { Prepared } from '../core/part.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { allRunsOf, type Observer, type RunWitness, roomOf, type Witness } from '../core/witness.ts'
import { VERSION } from '../version.ts'
import type { AuditLog } from './audit/index.ts'
import { type AuditOptions, openAudit } from './open-audit.ts'

/** All who look on at one time. Replaced, never mutated. */
export interface Observation {
  readonly telemetry: Telemetry | undefined
  readonly observers: readonly Observer[]
  readonly witnesses: readonly Witness[]
  readonly runWitness: RunWitness | undefined
  readonly room: Observer['room']
}

/** What the configuration wants to be opened. */
interface Opened {
  readonly audit: AuditLog | undefined
  readonly telemetry: Telemetry | undefined
}

/** Those who are to look on from some time on. */
export interface NextObservation extends Prepared {
  readonly observation: Observation
}

type OpeningOptions = Omit<AuditOptions, 'before'>

const NOTHING: Opened = { audit: undefined, telemetry: undefined }

/**
 * Opens the audit log and the telemetry that a configuration wants, for `createGateway`, which sees to it that they
 * follow the configuration, and closes them.
 * @throws GatewayError `config` when a file cannot be had
 */
export async function openObserving(config: GatewayConfig, options: OpeningOptions): Promise<Observing> {
  const open = openerWith(options)
  const opened = await open(config, undefined)
  return new Observing(opened, { config, open })
}

/** Opens what is different in a configuration. */
type Opener = (
  config: GatewayConfig,
  before: { config: GatewayConfig; opened: Opened } | undefined,
) => Promise<Opened>

/** Who looks on, as the configuration of the moment has it, and always the same beside them. */
export class Observing {
  #fixed: readonly Observer[] = []
  #opened: Opened
  #config: GatewayConfig | undefined
  #now: Observation
  readonly #open: Opener | undefined
  /** What others have taken the place of, until it is closed. */
  readonly #retiring = new Map<Pick<Observer, 'close'>, Promise<void>>()

  /** @param following without it, configurations say nothing of who looks on */
  constructor(opened = NOTHING, following?: { readonly config: GatewayConfig; readonly open: Opener }) {
    this.#opened = opened
    this.#config = following?.config
    this.#open = following?.open
    this.#now = this.#observationOf(opened)
  }

  get now(): Observation {
    return this.#now
  }

  /** They look on from now to the end. */
  join(observers: readonly Observer[]): void {
    this.#fixed = [...this.#fixed, ...observers]
    this.#now = this.#observationOf(this.#opened)
  }

  /** @throws GatewayError `config` when a file cannot be had */
  async prepare(config: GatewayConfig): Promise<NextObservation> {
    const before = this.#opened
    if (this.#open === undefined || this.#config === undefined)
      return { observation: this.#now, commit() {}, discard: async () => {} }
    const opened = await this.#open(config, { config: this.#config, opened: before })
    const observation = this.#observationOf(opened)
    return {
      observation,
      commit: () => {
        this.#config = config
        this.#opened = opened
        this.#now = observation
        this.#retire(before, opened)
      },
      discard: () => discard(opened, before),
    }
  }

  async close(): Promise<void> {
    const { observers } = this.#now
    await Promise.all([...observers, ...this.#retiring.keys()].map((it) => it.close()))
  }

  #observationOf({ audit, telemetry }: Opened): Observation {
    const observers: readonly Observer[] = [...this.#fixed, audit, telemetry].filter((it) => it !== undefined)
    return {
      telemetry,
      observers,
      witnesses: observers.flatMap(({ witness }) => witness ?? []),
      runWitness: allRunsOf(observers.flatMap((it) => it.runWitness ?? [])),
      room: roomOf(observers).room,
    }
  }

  #retire(before: Opened, now: Opened): void {
    const { audit, telemetry } = before
    if (audit !== undefined && audit !== now.audit) this.#follow(audit, audit.retire(now.audit))
    if (telemetry !== undefined && telemetry !== now.telemetry) this.#follow(telemetry, telemetry.retire())
  }

  #follow(observer: Observer, retiring: Promise<void>): void {
    this.#retiring.set(observer, retiring)
    void retiring.catch(() => {}).finally(() => this.#retiring.delete(observer))
  }
}

function openerWith(options: OpeningOptions): Opener {
  return async (config, before) => {
    const was = before?.opened
    const sameAudit = before !== undefined && isDeepStrictEqual(config.audit, before.config.audit)
    const audit = sameAudit ? was?.audit : await openAudit(config, { ...options, before: was?.audit })
    try {
      const telemetry = isSameTelemetry(config, before?.config)
        ? was?.telemetry
        : await openTelemetry(config, options.log, was?.telemetry)
      return { audit, telemetry }
    } catch (error) {
      await discard({ audit, telemetry: was?.telemetry }, was ?? NOTHING)
      throw error
    }
  }
}

/** What it exports has the name of the server. */
function isSameTelemetry(config: GatewayConfig, before: GatewayConfig | undefined): boolean {
  return (
    before !== undefined &&
    config.name === before.name &&
    isDeepStrictEqual(config.telemetry, before.telemetry)
  )
}

async function openTelemetry(
  config: GatewayConfig,
  log: Log,
  before: Telemetry | undefined,
): Promise<Telemetry | undefined> {
  if (config.telemetry === undefined) return undefined
  const { openTelemetry: open } = await import('./telemetry/index.ts')
  return open(config.telemetry, { log, version: VERSION, server: config.name, before })
}

/** What was opened for nothing. */
async function discard({ audit, telemetry }: Opened, before: Opened): Promise<void> {
  if (audit !== before.audit) await audit?.discard(before.audit)
  if (telemetry !== before.telemetry) await telemetry?.close()
}
