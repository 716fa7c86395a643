import type { IncomingMessage } from 'node:http'
import type { Caller, Principal } from '../../core/caller.ts'
import { isObject } from '../../core/json.ts'
import type { Seen, Witness } from '../../core/witness.ts'
import { sourceOf } from '../http/source.ts'
import type { Message, RpcNotification, RpcRequest } from './message.ts'
import { LazyRef } from './ref.ts'
import type { Service } from './service.ts'
import { Sighting } from './sighting.ts'

/** An HTTP request that may be watched; its sender may not be known yet. */
interface Watchable {
  readonly service: Service
  readonly req: IncomingMessage
  readonly principal?: Principal
}

type Found = Pick<Seen, 'kind' | 'method' | 'params' | 'meta' | 'rpcId'> & { readonly caller?: Caller }

/** Begins to watch a message; `undefined` where nobody looks. */
export function watchMessage(from: Watchable, message: Message): Sighting | undefined {
  const { witness } = from.service
  return witness && watchHttp(witness, from, whatOf(message, from.req.method))
}

/** The same of a stream of a session that has opened. */
export function watchStream(from: Watchable, caller: Caller): Sighting | undefined {
  const { witness } = from.service
  return (
    witness && watchHttp(witness, from, { ...whatOf(undefined, from.req.method), kind: 'stream', caller })
  )
}

/** The same of a request that is, or becomes, no message. */
export function watchOther(from: Watchable, caller?: Caller): Sighting | undefined {
  const { witness } = from.service
  return (
    witness && watchHttp(witness, from, { ...whatOf(undefined, from.req.method), ...(caller && { caller }) })
  )
}

/** What a message is, as far as witnesses are told. */
export function whatOf(message: Message | undefined, httpMethod: string | undefined): Found {
  switch (message?.kind) {
    case 'request':
      return told(message, 'request', message.id.text)
    case 'notification':
      return told(message, 'notification', undefined)
    case 'response':
      return { kind: 'response', method: '', params: undefined, meta: undefined, rpcId: undefined }
    default:
      return { kind: 'other', method: httpMethod ?? '', params: undefined, meta: undefined, rpcId: undefined }
  }
}

function told(
  { method, raw, params }: RpcRequest | RpcNotification,
  kind: Seen['kind'],
  rpcId: Seen['rpcId'],
): Found {
  const meta = params['_meta']
  return { kind, method, params: raw, meta: isObject(meta) ? meta : undefined, rpcId }
}

/** The name of a request over HTTP. */
export function refOf({ service, req }: Watchable): LazyRef {
  const { requestIdHeader } = service.options
  return new LazyRef(requestIdHeader === undefined ? undefined : req.headers[requestIdHeader])
}

/** Spelled out: this is done for every request, and copies of objects cost more than the rest of it. */
function watchHttp(witness: Witness, from: Watchable, what: Found): Sighting | undefined {
  const { kind, method, params, meta, rpcId, caller } = what
  const { req, principal } = from
  return watch(witness, {
    kind,
    method,
    params,
    meta,
    rpcId,
    ref: refOf(from),
    principal,
    caller,
    source: sourceOf(req),
  })
}

export function watch(witness: Witness, seen: Seen): Sighting | undefined {
  const sight = witness(seen)
  return sight && new Sighting(sight, seen)
}
