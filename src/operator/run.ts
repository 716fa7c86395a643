import { onAbort } from '../core/abort.ts'
import type { Ask, Exchange } from '../core/call.ts'
import { ANONYMOUS_CALLER, type Principal } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import { COMPOSITE } from '../core/composite.ts'
import { GatewayError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { RawObject } from '../core/raw.ts'
import { REPORT } from '../layers/composition/report.ts'
import type { Running } from '../running.ts'
import { VERSION } from '../version.ts'
import { callTool } from './call.ts'

export interface RunByHand {
  /** Of the composite tool. */
  readonly name: string
  readonly args: JsonObject
  /** What else the call says (MCP 2025-11-25, basic, General fields: _meta). */
  readonly meta?: JsonObject
  readonly principal: Principal
  readonly signal: AbortSignal
  /** Asks the one who runs it what a step, or the tool of a step, wants to know. */
  readonly ask: (message: string, schema: JsonObject, signal: AbortSignal) => Promise<Reply>
}

/** As the result of `elicitation/create` has it (MCP 2025-11-25, client/elicitation). */
export interface Reply {
  readonly action: 'accept' | 'decline' | 'cancel'
  readonly content?: JsonObject
}

export interface RunEnd {
  readonly ok: boolean
  /** Why it failed; what it gave as text otherwise. */
  readonly text: string
  readonly output: unknown
  /** As clients get it in `_meta`. */
  readonly report: JsonObject | undefined
}

/** Calls a composite tool as a client would. @throws GatewayError `not_found` that says why, `denied`, `cancelled` */
export async function runByHand(running: Running, run: RunByHand): Promise<RunEnd> {
  const { name, args, meta, principal } = run
  const caller = {
    ...ANONYMOUS_CALLER,
    principal,
    client: { name: 'vmcp', version: VERSION },
    capabilities: { elicitation: { form: {} } },
  }
  const { dropped } = running.catalog
  const withdrawn = dropped.find(({ origin }) => origin.backend === COMPOSITE && origin.name === name)
  if (withdrawn !== undefined) throw new GatewayError('not_found', `${name} is ${withdrawn.reason}`)
  const answer = await callTool(running, { caller, name, args, meta, exchange: exchangeOf(run) })
  const report = answer.meta[REPORT]
  return {
    ok: !answer.isError,
    text: answer.text,
    output: answer.structured,
    report: isObject(report) ? report : undefined,
  }
}

/** One question at a time, as people answer them. */
function exchangeOf({ signal, ask }: RunByHand): Exchange {
  let last: Promise<unknown> = Promise.resolve()
  return {
    signal,
    takesInputRequired: false,
    onAbort: (listener) => onAbort(signal, listener),
    notify() {},
    ask(request) {
      const reply = last.then(() => put(request, { signal, ask }))
      last = reply.catch(() => undefined)
      return reply
    },
  }
}

async function put(
  { method, params, withdrawn }: Ask,
  { signal, ask }: Pick<RunByHand, 'signal' | 'ask'>,
): Promise<RawObject> {
  const { mode = 'form', message, requestedSchema } = params.parse()
  if (method !== 'elicitation/create' || mode !== 'form')
    throw new GatewayError('capability_required', `nobody here answers ${method} (${String(mode)})`)
  const limit = withdrawn === undefined ? signal : AbortSignal.any([signal, withdrawn])
  if (limit.aborted) throw new GatewayError('cancelled', 'the question was withdrawn')
  const reply = await ask(String(message), isObject(requestedSchema) ? requestedSchema : {}, limit)
  return RawObject.of({ ...reply })
}
