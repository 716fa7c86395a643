import type { Ask, Exchange } from '../../core/call.ts'
import type { JsonObject } from '../../core/catalog.ts'
import type { RawObject } from '../../core/raw.ts'
import { notificationFrame } from './frame.ts'
import { type LogLevel, passes } from './log-level.ts'
import { idKey, type RpcRequest } from './message.ts'
import type { Outlet } from './outlet.ts'

export interface Channel {
  readonly outlet: Outlet
  readonly signal: AbortSignal
  /** The least severe log message to relay; `undefined` relays none. */
  readonly floor: LogLevel | undefined
  readonly ask: (request: Ask) => Promise<RawObject>
}

/** The back-channel of a request: everything goes out on the request's own stream, in its own words. */
export function exchangeOf(request: RpcRequest, channel: Channel): Exchange {
  const { outlet, floor } = channel
  const token = progressToken(request)
  return {
    signal: channel.signal,
    progress(params) {
      if (token === undefined) return
      const bytes = params.bytesWith({ progressToken: token })
      outlet.send(notificationFrame('notifications/progress', bytes), true)
    },
    log(params) {
      if (floor === undefined || !passes(params.value('level'), floor)) return
      outlet.send(notificationFrame('notifications/message', params.bytes), true)
    },
    ask: channel.ask,
  }
}

/** The client's progress token as the JSON text that it sent. */
function progressToken(request: RpcRequest): string | undefined {
  const meta = request.params['_meta'] as JsonObject | undefined
  if (idKey(meta?.['progressToken']) === undefined) return undefined
  return request.raw.object('_meta')?.text('progressToken')
}
