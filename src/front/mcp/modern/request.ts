import type { Caller } from '../../../core/caller.ts'
import type { RpcRequest } from '../message.ts'
import type { Service } from '../service.ts'
import type { Visit } from '../visit.ts'
import type { Envelope } from './decode.ts'

/** A request of 2026-07-28, decoded and checked. */
export interface ModernRequest {
  readonly service: Service
  readonly request: RpcRequest
  readonly envelope: Envelope
  readonly caller: Caller
  readonly visit: Visit
}
