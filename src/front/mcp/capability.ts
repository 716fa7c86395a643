import type { Ask } from '../../core/call.ts'
import type { Caller } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

/** @throws GatewayError `capability_required` when this client has not declared that it answers such requests */
export function requireCapability(caller: Caller, ask: Ask): void {
  const [capability, part] = neededBy(ask)
  const declared = caller.capabilities[capability]
  if (declared !== undefined && (part === undefined || hasPart(declared, part))) return
  const name = part === undefined ? capability : `${capability}.${part}`
  throw new GatewayError(
    'capability_required',
    `the call needs ${ask.method}, and the client has not declared the capability "${name}"`,
    { data: { requiredCapabilities: { [capability]: part === undefined ? {} : { [part]: {} } } } },
  )
}

/** The capability that a client declares when it answers such requests, and the part of it that this one needs. */
function neededBy({ method, params }: Ask): readonly [capability: string, part: string | undefined] {
  switch (method) {
    case 'elicitation/create':
      return ['elicitation', params.value('mode') === 'url' ? 'url' : 'form']
    case 'sampling/createMessage':
      return ['sampling', params.has('tools') || params.has('toolChoice') ? 'tools' : undefined]
    case 'roots/list':
      return ['roots', undefined]
    default:
      return ['tasks', undefined]
  }
}

/** Without a word of either kind, `elicitation` means forms (MCP 2025-11-25, client/elicitation, Capabilities). */
function hasPart(declared: unknown, part: string): boolean {
  if (!isObject(declared)) return false
  return declared[part] !== undefined || (part === 'form' && declared['url'] === undefined)
}
