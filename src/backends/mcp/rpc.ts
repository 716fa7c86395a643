import type { RpcError } from '../../core/errors.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'

const INTERNAL = -32603
/** Of an error that is parsed; of a larger one only what it says counts, up to so many characters. */
const ERROR_BYTES = 1024 * 1024
const LONGEST_MESSAGE = 10_000

/** The error of a JSON-RPC response, made whole where the server left something out or wrote nonsense. */
export function rpcErrorOf(response: RawObject | undefined): RpcError | undefined {
  const error = response?.object('error')
  if (error === undefined) return undefined
  const code = read(error, 'code')
  const message = read(error, 'message')
  const isLarge = error.bytes.length > ERROR_BYTES
  const data = isLarge ? undefined : read(error, 'data')
  return {
    code: typeof code === 'number' && Number.isInteger(code) ? code : INTERNAL,
    message: typeof message === 'string' ? short(message, isLarge) : 'the backend gave no reason',
    ...(data !== undefined && { data }),
  }
}

function short(message: string, isLarge: boolean): string {
  return isLarge ? message.slice(0, LONGEST_MESSAGE) : message
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
