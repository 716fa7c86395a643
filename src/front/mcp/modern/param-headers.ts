import type { IncomingHttpHeaders } from 'node:http'
import type { Call } from '../../../core/call.ts'
import type { Item, JsonObject } from '../../../core/catalog.ts'
import { isObject } from '../../../core/json.ts'
import { decodeValue, mismatch } from './headers.ts'

/** An argument that clients repeat in a header, as `x-mcp-header` in the input schema says. */
interface Annotation {
  readonly header: string
  readonly path: readonly string[]
  readonly integer: boolean
}

const TYPES: readonly unknown[] = ['string', 'integer', 'boolean']
const MAX_DEPTH = 32

const PREFIX = 'mcp-param-'

/** What is between a client and a server hands on the headers that it does not know (MCP 2026-07-28, basic/transports). */
export function withParamHeaders(call: Call, headers: IncomingHttpHeaders | undefined): Call {
  if (call.kind !== 'tool') return call
  let found: Record<string, string> | undefined
  for (const name in headers) {
    if (!name.startsWith(PREFIX)) continue
    found ??= {}
    found[name] = String(headers[name])
  }
  return found === undefined ? call : { ...call, paramHeaders: found }
}

/** Checks `Mcp-Param-*` headers against arguments. What a schema asks for is worked out once per item. */
export class ParamHeaders {
  readonly #known = new WeakMap<Item, readonly Annotation[]>()

  /** @throws GatewayError `header_mismatch` */
  check(item: Item, params: JsonObject, headers: IncomingHttpHeaders): void {
    const annotations = this.#of(item)
    if (annotations.length === 0) return
    for (const annotation of annotations) checkOne(annotation, params['arguments'], headers)
  }

  #of(item: Item): readonly Annotation[] {
    const known = this.#known.get(item)
    if (known !== undefined) return known
    const found = item.kind === 'tool' ? collect(item.definition['inputSchema'], []) : []
    this.#known.set(item, found)
    return found
  }
}

/** Annotations count on properties only, reached by properties only (MCP 2026-07-28, basic/transports). */
function collect(schema: unknown, path: readonly string[]): Annotation[] {
  const properties = isObject(schema) ? schema['properties'] : undefined
  if (!isObject(properties) || path.length >= MAX_DEPTH) return []
  return Object.entries(properties).flatMap(([key, property]) => {
    const here = [...path, key]
    return [...annotationOf(property, here), ...collect(property, here)]
  })
}

function annotationOf(property: unknown, path: readonly string[]): Annotation[] {
  if (!isObject(property)) return []
  const name = property['x-mcp-header']
  if (typeof name !== 'string' || !TYPES.includes(property['type'])) return []
  return [{ header: `mcp-param-${name.toLowerCase()}`, path, integer: property['type'] === 'integer' }]
}

function checkOne(annotation: Annotation, args: unknown, headers: IncomingHttpHeaders): void {
  const { header, path } = annotation
  const argument = path.reduce<unknown>((from, key) => (isObject(from) ? from[key] : undefined), args)
  const sent = headers[header] as string | undefined
  const name = path.join('.')
  if (argument === undefined || argument === null) {
    if (sent !== undefined) throw mismatch(header, `is there, and the argument ${name} is not`)
    return
  }
  if (typeof argument === 'object') return
  if (sent === undefined) throw mismatch(header, `is missing; the argument ${name} is there`)
  const value = decodeValue(sent)
  if (value === undefined) throw mismatch(header, 'is not valid base64 of UTF-8 text')
  if (!isEqual(annotation, value, argument)) throw mismatch(header, `and the argument ${name} differ`)
}

const DECIMAL = /^-?\d+(\.\d+)?$/

/** Integers are equal when their numbers are: `42.0` is `42`. */
function isEqual({ integer }: Annotation, header: string, argument: unknown): boolean {
  if (integer && typeof argument === 'number' && DECIMAL.test(header)) return Number(header) === argument
  return header === String(argument)
}
