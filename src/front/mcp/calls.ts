import type { Call, CompletionRef } from '../../core/call.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { RpcRequest } from './message.ts'

/** Reads the call that a request is. Its arguments are not looked into. @throws GatewayError `invalid_params` */
export type ReadCall = (request: RpcRequest) => Call

/** The methods that become calls, in both eras. */
export const CALLS: ReadonlyMap<string, ReadCall> = new Map([
  ['tools/call', readTool],
  ['prompts/get', readPrompt],
  ['resources/read', readResource],
  ['completion/complete', readCompletion],
])

function readTool({ params, raw }: RpcRequest): Call {
  checkArguments(params)
  return { kind: 'tool', name: text(params, 'name'), params: raw }
}

function readPrompt({ params, raw }: RpcRequest): Call {
  checkArguments(params)
  return { kind: 'prompt', name: text(params, 'name'), params: raw }
}

function readResource({ params, raw }: RpcRequest): Call {
  return { kind: 'resource', uri: text(params, 'uri'), params: raw }
}

function readCompletion({ params, raw }: RpcRequest): Call {
  const argument = object(params, 'argument')
  text(argument, 'name', 'argument.')
  text(argument, 'value', 'argument.')
  return { kind: 'completion', ref: readRef(object(params, 'ref')), params: raw }
}

function readRef(ref: JsonObject): CompletionRef {
  if (ref['type'] === 'ref/prompt') return { type: 'ref/prompt', name: text(ref, 'name', 'ref.') }
  if (ref['type'] === 'ref/resource') return { type: 'ref/resource', uri: text(ref, 'uri', 'ref.') }
  text(ref, 'type', 'ref.')
  return { type: 'other' }
}

/** A method that is not of the core protocol. */
export function readMethod({ method, raw }: RpcRequest): Call {
  return { kind: 'method', method, params: raw }
}

function checkArguments(params: JsonObject): void {
  if (params['arguments'] !== undefined) object(params, 'arguments')
}

function text(from: JsonObject, key: string, path = ''): string {
  const value = from[key]
  if (typeof value === 'string') return value
  throw new GatewayError('invalid_params', `params.${path}${key} must be a string`)
}

function object(from: JsonObject, key: string): JsonObject {
  const value = from[key]
  if (isObject(value)) return value
  throw new GatewayError('invalid_params', `params.${key} must be an object`)
}
