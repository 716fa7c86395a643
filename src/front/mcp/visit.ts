import type { IncomingHttpHeaders } from 'node:http'
import type { RequestRef } from '../../core/call.ts'
import type { Principal } from '../../core/caller.ts'
import type { Cancel } from './cancel.ts'
import type { Outlet } from './outlet.ts'
import type { Sighting } from './sighting.ts'

/** What surrounds one request, whatever it came over. */
export interface Visit {
  readonly principal: Principal
  /** The headers that the caller carries to backends. */
  readonly passthrough: Readonly<Record<string, string>>
  /** All headers of the request; `undefined` where the transport has none. */
  readonly headers: IncomingHttpHeaders | undefined
  readonly outlet: Outlet
  readonly cancel: Cancel
  readonly ref: RequestRef
  /** `undefined` where nobody looks. */
  readonly sighting: Sighting | undefined
}

/** An error as one era puts it on the wire. */
export interface WireError {
  readonly status: number
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown }
  /** Of HTTP, names and values in turn. */
  readonly headers?: readonly string[]
}
