import { hasScopes, insufficientScope } from '../../core/scopes.ts'
import type { Arrival } from './arrival.ts'
import type { Message } from './message.ts'

/**
 * Whether the sender's token has the scopes that a message needs, those of the tool that it calls included, so that
 * the client learns of all at once. Without a message: what every request needs.
 * @throws GatewayError `denied` with the scopes
 */
export function checkScopes(
  { service, principal }: Pick<Arrival, 'service' | 'principal'>,
  message?: Message,
): void {
  const { resource } = service.options
  if (resource === undefined) return
  const needed = resource.needed(...operationOf(message))
  if (!hasScopes(principal, needed)) throw insufficientScope(needed)
}

function operationOf(message: Message | undefined): [method?: string, tool?: string] {
  if (message?.kind !== 'request' && message?.kind !== 'notification') return []
  const { method, params } = message
  const { name } = params
  return method === 'tools/call' && typeof name === 'string' ? [method, name] : [method]
}
