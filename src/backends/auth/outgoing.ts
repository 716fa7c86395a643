import type { Caller } from '../../core/caller.ts'
import type { OutgoingAuthConfig } from '../../core/config.ts'

/** HTTP headers, names in lower case. */
export type Headers = Readonly<Record<string, string>>

/** Adds the credentials of one backend to the headers of a request. `caller` is absent for our own requests. */
export type Authorize = (headers: Headers, caller: Caller | undefined) => Headers | Promise<Headers>

/** One way to authenticate to a backend. */
export interface OutgoingAuth<Type extends OutgoingAuthConfig['type'] = OutgoingAuthConfig['type']> {
  readonly type: Type
  create(config: Extract<OutgoingAuthConfig, { type: Type }>): Authorize
}
