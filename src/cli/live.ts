import type { Log } from '../core/log.ts'
import type { Applied } from '../live/gateway.ts'
import { Places } from '../live/places.ts'
import { hasChangedSince } from '../live/signature.ts'
import type { Running } from '../running.ts'
import { type Refusal, type Refused, refusalOf } from './refused.ts'
import { reopenAll } from './reopen.ts'
import type { Source } from './source.ts'

export interface LiveOptions {
  /** Reads anew what is to be served. @throws UserError, ConfigError, GatewayError `config` */
  readonly load: () => Promise<Source>
  readonly running: Running
  readonly log: Log
}

/** What has led to a look at the configuration. */
export type Reason = 'change' | 'poll' | 'signal' | 'command'

/** What a look at the configuration has come to. */
export type Outcome = ({ readonly outcome: 'applied' | 'unchanged' } & Applied) | Refused

/** Between looks at what cannot be watched. */
const POLL_MS = 10_000

/** Keeps what is served as it is configured, while it serves. */
export class Live {
  readonly #options: LiveOptions
  #places: Places | undefined
  #polling: NodeJS.Timeout | undefined
  #present: Promise<Outcome> | undefined
  #next: Promise<Outcome> | undefined
  /** The last refusal, and the notes of the source that is served: what is said once is not said again. */
  #said = ''
  #notes: readonly string[]

  constructor(options: LiveOptions, source: Source) {
    this.#options = options
    this.#notes = source.notes
  }

  /**
   * From now on changes are applied as they come, and so are those since the source was read.
   * @param readAt before it was read, in milliseconds since 1970
   */
  watch(source: Source, readAt: number): void {
    this.#places = new Places(source.places, () => void this.reload('change'))
    this.#poll(source)
    void this.#places.begun.then(() => this.#catchUp(source, readAt))
  }

  /** Applies what is configured now, or refuses it. Never rejects. One at a time: who comes meanwhile gets the next. */
  reload(reason: Reason): Promise<Outcome> {
    if (this.#present === undefined) return this.#begin(reason)
    this.#next ??= this.#present.then(() => {
      this.#next = undefined
      return this.#begin(reason)
    })
    return this.#next
  }

  /** SIGHUP: files that were moved away are opened anew, and the configuration is read. Never rejects. */
  async hangUp(): Promise<void> {
    const { running, log } = this.#options
    await reopenAll(running, log)
    await this.reload('signal')
  }

  close(): void {
    this.#places?.close()
    clearInterval(this.#polling)
    this.#places = undefined
  }

  #begin(reason: Reason): Promise<Outcome> {
    const outcome = this.#reload(reason)
    this.#present = outcome
    void outcome.then(() => {
      if (this.#present === outcome) this.#present = undefined
    })
    return outcome
  }

  async #reload(reason: Reason): Promise<Outcome> {
    const { load, running } = this.#options
    try {
      const before = running.history.generation
      const source = await load()
      const applied = await running.apply(source.config)
      this.#watchAnew(source)
      this.#tell(reason, source, applied, applied.generation !== before)
      return { outcome: applied.generation === before ? 'unchanged' : 'applied', ...applied }
    } catch (error) {
      const refusal = refusalOf(error, running.history.generation)
      this.#refuse(reason, refusal)
      return refusal.refused
    }
  }

  async #catchUp({ places }: Source, readAt: number): Promise<void> {
    const changed = await Promise.all(places.map((path) => hasChangedSince(path, readAt)))
    if (this.#places !== undefined && changed.includes(true)) await this.reload('change')
  }

  #watchAnew(source: Source): void {
    if (this.#places === undefined) return
    this.#places.follow(source.places)
    this.#poll(source)
  }

  #poll({ polled }: Source): void {
    clearInterval(this.#polling)
    if (polled) this.#polling = setInterval(() => void this.reload('poll'), POLL_MS).unref()
  }

  #tell(reason: Reason, { notes, diagnostics }: Source, applied: Applied, isOther: boolean): void {
    const { log } = this.#options
    for (const note of notes) if (!this.#notes.includes(note)) log.warn({}, note)
    this.#notes = notes
    const wasRefused = this.#said !== ''
    this.#said = ''
    if (!isOther) {
      if (wasRefused) log.info({}, 'the configuration is again the one that is served')
      else log[reason === 'poll' ? 'debug' : 'info']({ reason }, 'the configuration is as it was')
      return
    }
    for (const { severity, message, path } of diagnostics) log.warn({ path }, `${severity}: ${message}`)
    const { generation, backends, changed } = applied
    log.info({ reason, generation, ...backends, changed }, 'another configuration is served')
  }

  #refuse(reason: Reason, { refused, faults }: Refusal): void {
    const { log, running } = this.#options
    const { message, details } = refused
    running.history.refused(message, details)
    const said = JSON.stringify([message, details])
    if (reason === 'poll' && said === this.#said) return
    this.#said = said
    for (const { fields, text } of faults) log.error(fields, text)
    log.error({ reason }, `the new configuration is refused: ${message}; the one before is served on`)
  }
}
