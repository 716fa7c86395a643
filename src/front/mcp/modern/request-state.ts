import type { Principal } from '../../../core/caller.ts'
import type { RawObject } from '../../../core/raw.ts'
import type { RpcRequest } from '../message.ts'
import type { Seal } from '../seal.ts'
import type { ModernRequest } from './request.ts'
import { digestOf, invalidState } from './retry.ts'

const PURPOSE = 'requestState'
const PREFIX = 'vmcp.s.'
/** A user may take this long to answer what a backend asks. */
const VALID_MS = 60 * 60_000

/** A request whose `requestState` is the backend's again. */
export interface Opened {
  readonly request: RpcRequest
  /** Whose state it is; `undefined` without a state. */
  readonly backend: string | undefined
}

/**
 * `requestState` of a backend as clients get it. Backends see the gateway where they look for a user, so that the
 * gateway has to see to it that a state comes back from the caller, for the request and to the backend it was
 * made for, and not for ever.
 */
export function sealState(state: string, backend: string, modern: ModernRequest): string {
  const text = JSON.stringify([backend, Date.now() + VALID_MS, state])
  return PREFIX + modern.service.seal.close(text, bindingOf(modern.caller.principal, modern.request))
}

/** @throws GatewayError `invalid_params` for what is not, or no longer, a state for this request */
export function openState({ service, caller, request }: ModernRequest): Opened {
  const { requestState } = request.params
  if (requestState === undefined) return { request, backend: undefined }
  const sealed =
    typeof requestState === 'string' && requestState.startsWith(PREFIX) ? requestState : undefined
  const [backend, until, state] = unseal(service.seal, sealed, bindingOf(caller.principal, request))
  if (Date.now() > until) throw invalidState()
  return { request: { ...request, raw: withState(request.raw, state) }, backend }
}

function unseal(
  seal: Seal,
  sealed: string | undefined,
  binding: readonly string[],
): [string, number, string] {
  const text = sealed && seal.open(sealed.slice(PREFIX.length), binding)
  if (text === undefined || text === '') throw invalidState()
  return JSON.parse(text) as [string, number, string]
}

function bindingOf({ issuer, subject }: Principal, request: RpcRequest): readonly string[] {
  return [PURPOSE, issuer, subject, digestOf(request)]
}

function withState(params: RawObject, state: string): RawObject {
  return params.with({ requestState: JSON.stringify(state) })
}
