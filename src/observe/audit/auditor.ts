import type { AuditConfig, AuditEvent } from '../../core/audit.ts'
import type { Caller } from '../../core/caller.ts'
import type { Item } from '../../core/catalog.ts'
import { parsePointer } from '../../core/pointer.ts'
import type { Ending, RunSeen, Seen, Sight } from '../../core/witness.ts'
import { eventOf, runEventOf, selection } from './event.ts'
import { lineMaker, type Payloads } from './lines.ts'
import { addressFinder, type FindAddress } from './origin.ts'
import { type AuditOutcome, outcomeOf } from './outcome.ts'
import { type PayloadLimits, payloadText } from './payload.ts'
import { shorten } from './shorten.ts'
import { delegationOf, subjectsOf } from './subject.ts'
import { targetOf } from './target.ts'
import { member, quoted } from './text.ts'

/** Turns what is seen into lines. */
export class Auditor {
  readonly #config: AuditConfig
  readonly #isWanted: (event: AuditEvent) => boolean
  readonly #addressOf: FindAddress
  readonly #limits: PayloadLimits
  readonly #line
  readonly #runLine
  readonly #write: (line: string) => void
  /** What has begun, and will have a line when it ends. */
  #open = 0
  #idle: (() => void) | undefined

  constructor(config: AuditConfig, write: (line: string) => void) {
    this.#config = config
    this.#isWanted = selection(config)
    this.#addressOf = addressFinder(config.trustedProxies)
    this.#limits = {
      maxDataSize: config.maxDataSize,
      pointers: config.redact.flatMap((text) => [parsePointer(text) ?? []]),
    }
    this.#line = lineMaker(config)
    this.#runLine = lineMaker({ component: 'vmcp-composer' })
    this.#write = write
  }

  readonly witness = (seen: Seen): Sight | undefined => {
    const event = eventOf(seen)
    if (!this.#isWanted(event)) return undefined
    const began = performance.now()
    let backend: string | undefined
    if (seen.kind !== 'stream') this.#open++
    // A stream may be open for days: that it was opened is told now, and nothing at its end.
    if (seen.kind === 'stream')
      this.#tell(seen, { event, caller: seen.caller, outcome: 'success', extra: STREAM })
    return {
      found(item: Item) {
        backend = item.origin.backend
      },
      end: (ending) => {
        if (seen.kind === 'stream') return
        this.#tellEnd(seen, { event, ending, backend, began })
        this.#ended()
      },
    }
  }

  /** Resolves when all that has begun has ended. */
  whenIdle(): Promise<void> {
    if (this.#open === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  #ended(): void {
    this.#open--
    if (this.#open === 0) this.#idle?.()
  }

  readonly runWitness = (seen: RunSeen): void => {
    if (seen.type === 'workflow_started') this.#open++
    this.#tellRun(seen)
    if (seen.step === undefined && seen.durationMs !== undefined) this.#ended()
  }

  #tellRun(seen: RunSeen): void {
    const type = runEventOf(seen.type)
    if (type === undefined || !this.#isWanted(type)) return
    const { workflow, run, caller, ref, step, durationMs, error, begun } = seen
    const line = this.#runLine({
      type,
      outcome: error === undefined ? 'success' : seen.type === 'workflow_timed_out' ? 'error' : 'failure',
      source: JSON.stringify({ type: 'local', value: 'vmcp-composer', extra: { request_id: ref?.id } }),
      subjects: subjectsOf(caller.principal, caller),
      target: JSON.stringify({
        workflow_id: run,
        workflow_name: workflow,
        step_id: step?.id,
        step_type: step?.type,
        tool_name: step?.tool,
      }),
      extra: JSON.stringify({
        duration_ms: durationMs && Math.round(durationMs),
        resumed: begun?.resumed || undefined,
        error_code: error?.code,
        error_message: error && shorten(error.message),
      }),
      delegation: this.#delegation(caller),
    })
    this.#write(line)
  }

  #tellEnd(seen: Seen, { event, ending, backend, began }: Finished): void {
    const outcome = outcomeOf(ending, this.#config.detectApplicationErrors)
    const extra = extraOf(ending, { transport: seen.source.transport, backend, began })
    this.#tell(seen, { event, caller: ending.caller, outcome, extra }, this.#payloads(seen, ending))
  }

  #tell(seen: Seen, { event: type, caller = seen.caller, outcome, extra }: Tale, payloads?: Payloads): void {
    const principal = caller?.principal ?? seen.principal
    const line = this.#line(
      {
        type,
        outcome,
        source: this.#sourceOf(seen),
        subjects: subjectsOf(principal, caller),
        target: targetOf(seen),
        extra,
        delegation: delegationOf(principal, this.#config.maxDelegationDepth),
      },
      payloads,
    )
    this.#write(line)
  }

  #delegation({ principal }: Caller): string | undefined {
    return delegationOf(principal, this.#config.maxDelegationDepth)
  }

  #sourceOf({ source, ref }: Seen): string {
    const agent = source.headers['user-agent']
    const known = typeof agent === 'string' ? `"user_agent":${quoted(shorten(agent))},` : ''
    const extra = `{${known}"request_id":${quoted(ref.id)}}`
    if (source.transport === 'stdio') return `{"type":"local","value":"stdio","extra":${extra}}`
    return `{"type":"network","value":${quoted(this.#addressOf(source) ?? '')},"extra":${extra}}`
  }

  #payloads({ params }: Seen, ending: Ending): Payloads | undefined {
    const { includeRequestData, includeResponseData } = this.#config
    if (!includeRequestData && !includeResponseData) return undefined
    const response = includeResponseData ? responseOf(ending) : undefined
    return {
      request:
        includeRequestData && params !== undefined ? payloadText(params.bytes, this.#limits) : undefined,
      response: response && payloadText(response, this.#limits),
    }
  }
}

interface Finished {
  readonly event: AuditEvent
  readonly ending: Ending
  readonly backend: string | undefined
  readonly began: number
}

interface Tale {
  readonly event: AuditEvent
  readonly caller: Caller | undefined
  readonly outcome: AuditOutcome
  readonly extra: string
}

const STREAM = JSON.stringify({ duration_ms: 0, transport: 'sse' })

interface Served extends Pick<Finished, 'backend' | 'began'> {
  readonly transport: Seen['source']['transport']
}

function extraOf({ error, bytes, streamed, result }: Ending, { transport, backend, began }: Served): string {
  const how = `"duration_ms":${Math.round(performance.now() - began)},"transport":"${streamed ? 'sse' : transport}"`
  const size = `${member('response_size', bytes || undefined)}${member('backend_name', backend)}`
  const type = result === undefined || result.type === 'complete' ? undefined : result.type
  const failure =
    error &&
    `${member('jsonrpc_error_code', error.code)}${member('jsonrpc_error_message', shorten(error.message))}`
  return `{${how}${size}${failure ?? ''}${member('result_type', type)}}`
}

/** The result of a call as the backend gave it is in one piece. */
function responseOf({ result, sent, error }: Ending): Buffer | undefined {
  if (error !== undefined) return Buffer.from(JSON.stringify({ error }))
  if (result !== undefined) return result.body.bytes
  return sent && (sent.length === 1 ? sent[0] : Buffer.concat(sent))
}
