import type { RpcRequest } from '../message.ts'
import type { Service } from '../service.ts'
import { capabilitiesOf } from '../versions.ts'
import type { Visit } from '../visit.ts'
import { readIntroduction } from './decode.ts'
import type { Session } from './session.ts'

export interface Introduction {
  readonly session: Session
  readonly result: Buffer
}

/** `initialize`: opens a session. No backend is waited for. @throws GatewayError `invalid_params` */
export function initialize(service: Service, { params }: RpcRequest, visit: Visit): Introduction {
  const session = service.sessions.open(readIntroduction(params, visit))
  const instructions = service.options.instructions?.()
  const result = JSON.stringify({
    protocolVersion: session.caller.version,
    capabilities: capabilitiesOf(service.options, 'legacy'),
    serverInfo: { name: service.options.name, version: service.options.version },
    ...(instructions === undefined ? {} : { instructions }),
  })
  return { session, result: Buffer.from(result) }
}
