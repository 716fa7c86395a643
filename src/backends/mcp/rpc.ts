import type { RpcError } from '../../core/errors.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'

const INTERNAL = -32603

/** The error of a JSON-RPC response, made whole where the server left something out or wrote nonsense. */
export function rpcErrorOf(response: RawObject | undefined): RpcError | undefined {
  const error = response?.object('error')
  if (error === undefined) return undefined
  const code = read(error, 'code')
  const message = read(error, 'message')
  const data = read(error, 'data')
  return {
    code: typeof code === 'number' && Number.isInteger(code) ? code : INTERNAL,
    message: typeof message === 'string' ? message : 'the backend gave no reason',
    ...(data !== undefined && { data }),
  }
}

/** A member, parsed; `undefined` also where its text is not JSON. */
export function read(object: RawObject, key: string): unknown {
  try {
    return object.value(key)
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'parse') return undefined
    throw error
  }
}
