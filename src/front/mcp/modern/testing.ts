import { ANONYMOUS_CALLER, type Caller } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { RawObject } from '../../../core/raw.ts'
import { Cancel } from '../cancel.ts'
import { type RpcRequest, readMessage } from '../message.ts'
import type { Outcome } from '../outcome.ts'
import { LazyRef } from '../ref.ts'
import type { Attendance } from './live-call.ts'

/** What the tests of rounds have in common. */

export const CAPABILITIES: JsonObject = { elicitation: {}, sampling: {}, roots: {} }

export function caller(over: Partial<Caller> = {}): Caller {
  return { ...ANONYMOUS_CALLER, capabilities: CAPABILITIES, ...over }
}

export function request(params: JsonObject = { name: 'deploy' }, method = 'tools/call'): RpcRequest {
  const message = readMessage(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))
  if (message.kind !== 'request') throw new Error(`not a request: ${JSON.stringify(message)}`)
  return message
}

export interface Seen extends Attendance {
  /** What was sent before the reply. */
  readonly sent: string[]
}

/** A request of a client that waits, over HTTP where `headers` are not taken away. */
export function attend(
  params: JsonObject = { name: 'deploy' },
  over: { readonly caller?: Caller; readonly headers?: undefined } = {},
): Seen {
  const sent: string[] = []
  const asker = over.caller ?? caller()
  return {
    sent,
    caller: asker,
    request: request(params),
    envelope: { version: asker.version, client: {}, capabilities: asker.capabilities, logLevel: 'info' },
    visit: {
      principal: asker.principal,
      passthrough: {},
      headers: 'headers' in over ? undefined : {},
      outlet: {
        streams: true,
        resumable: false,
        streamed: false,
        begin() {},
        send: (frame) => void sent.push(frame.join('')),
        reply() {},
        end() {},
      },
      cancel: new Cancel(),
      ref: new LazyRef(),
      sighting: undefined,
    },
  }
}

/** The same request again, with these answers. */
export function retry(inputResponses: JsonObject, params: JsonObject = { name: 'deploy' }): Seen {
  return attend({ ...params, inputResponses })
}

export function outcome(text: string): Outcome {
  return { item: undefined, result: { type: 'complete', body: RawObject.of({ text }) } }
}

export const form = (message: string) =>
  ({ method: 'elicitation/create', params: RawObject.of({ message }) }) as const
