import type { Caller } from '../../../core/caller.ts'
import type { RpcRequest } from '../message.ts'
import type { Service } from '../service.ts'
import type { Visit } from '../visit.ts'
import type { Session } from './session.ts'

/** A request within a session. */
export interface LegacyRequest {
  readonly service: Service
  readonly session: Session
  readonly request: RpcRequest
  readonly caller: Caller
  readonly visit: Visit
}
