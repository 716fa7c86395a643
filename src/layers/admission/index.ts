import type { Call } from '../../core/call.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Gateway, Layer } from '../../core/gateway.ts'
import { notFound, restrict } from '../../core/layer.ts'
import type { Authorizer } from './authorizer.ts'

export { Authorizer } from './authorizer.ts'
export { HINTS } from './target.ts'

/**
 * Lets callers see and call what policies allow. One decision for both: what is listed is what some call of is
 * allowed. What is not there is refused in the same words as what is forbidden.
 */
export function admission(authorizer: Authorizer): Layer {
  const restricted = restrict(
    (item, { principal }, call) =>
      !isNowhere(item.origin.backend) && authorizer.allows(item, principal, call),
    refusal,
  )
  return (inner) => concealing(restricted(inner))
}

/** For the steps of composite tools: they see everything, and call what their caller may call. */
export function stepAdmission(authorizer: Authorizer): Layer {
  const layer = admission(authorizer)
  return (inner) => {
    const { resolve } = layer(inner)
    return {
      list: (caller, signal) => inner.list(caller, signal),
      resolve,
      watch: (caller, signal) => inner.watch(caller, signal),
    }
  }
}

/** Of a completion for what nobody offers. */
function isNowhere(backend: string): boolean {
  return backend === ''
}

function concealing(inner: Gateway): Gateway {
  return {
    list: (caller, signal) => inner.list(caller, signal),
    async resolve(caller, call, signal) {
      try {
        return await inner.resolve(caller, call, signal)
      } catch (error) {
        const isAbsent = error instanceof GatewayError && ABSENT.has(error.code)
        throw isAbsent ? refusal(call) : error
      }
    },
    watch: (caller, signal) => inner.watch(caller, signal),
  }
}

const ABSENT: ReadonlySet<string> = new Set(['not_found', 'method_not_found'])

function refusal(call: Call): GatewayError {
  switch (call.kind) {
    case 'tool':
      return denied('call')
    case 'prompt':
      return denied('prompt')
    case 'resource':
    case 'subscription':
      return denied('read')
    default:
      return notFound(call)
  }
}

function denied(what: string): GatewayError {
  return new GatewayError('denied', `${what} denied by authorization policy`)
}
