import type { Caller } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Aside, ListChange } from '../../core/gateway.ts'
import type { Service } from './service.ts'

export interface ChangeSink {
  readonly signal: AbortSignal
  readonly changed: (kind: ListChange['kind']) => void
  readonly aside: (aside: Aside) => void
}

/** Tells of changes until the signal fires or the gateway closes. Never rejects. */
export async function relayChanges(
  { gateway, options }: Service,
  caller: Caller,
  sink: ChangeSink,
): Promise<void> {
  try {
    for await (const change of gateway.watch(caller, sink.signal)) {
      if (change.kind === 'notice' || change.kind === 'ask') sink.aside(change)
      else sink.changed(change.kind)
    }
  } catch (error) {
    if (sink.signal.aborted) return
    options.log.error({ err: GatewayError.from(error) }, 'changes can no longer be told to a client')
  }
}

export function changeMethod(kind: ListChange['kind']): string {
  return `notifications/${kind}/list_changed`
}
