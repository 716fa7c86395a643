import type { Caller } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Change } from '../../core/gateway.ts'
import type { Service } from './service.ts'

/** Tells of changes until the signal fires or the gateway closes. Never rejects. */
export async function relayChanges(
  { gateway, options }: Service,
  caller: Caller,
  sink: { readonly signal: AbortSignal; readonly tell: (kind: Change['kind']) => void },
): Promise<void> {
  try {
    for await (const { kind } of gateway.watch(caller, sink.signal)) sink.tell(kind)
  } catch (error) {
    if (sink.signal.aborted) return
    options.log.error({ err: GatewayError.from(error) }, 'changes can no longer be told to a client')
  }
}

export function changeMethod(kind: Change['kind']): string {
  return `notifications/${kind}/list_changed`
}
