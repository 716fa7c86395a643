import type { JsonObject } from '../../../core/catalog.ts'
import type { RawObject } from '../../../core/raw.ts'

/** A tool argument that is repeated in a header. */
export interface ParamHeader {
  /** In lower case, with its prefix. */
  readonly header: string
  /** Where in the arguments the value is. */
  readonly path: readonly string[]
}

/** What the annotations of one inputSchema say, or why they are invalid. */
export type ParamHeaders =
  | { readonly valid: true; readonly headers: readonly ParamHeader[] }
  | { readonly valid: false; readonly reason: string }

const ANNOTATION = 'x-mcp-header'
/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/
const TYPES: readonly unknown[] = ['string', 'integer', 'boolean']
/** Schemas nested deeper are not looked into, and an annotation there is not honoured. */
const DEPTH = 64
const SENTINEL = { start: '=?base64?', end: '?=' } as const
const PLAIN = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/

/** A header value as MCP 2026-07-28 (basic/transports, Value Encoding) wants it. */
export function encodeHeader(value: string): string {
  const looksEncoded = value.startsWith(SENTINEL.start) && value.endsWith(SENTINEL.end)
  if (PLAIN.test(value) && !looksEncoded) return value
  return SENTINEL.start + Buffer.from(value, 'utf8').toString('base64') + SENTINEL.end
}

/** Finds the `x-mcp-header` annotations of an inputSchema, which may stand on a chain of `properties` alone. */
export function paramHeaders(inputSchema: unknown): ParamHeaders {
  const found: ParamHeader[] = []
  const reason = visit(inputSchema, { path: [], reachable: true, found })
  return reason === undefined ? { valid: true, headers: found } : { valid: false, reason }
}

/** The headers for the arguments of one call. What is absent or null has none. */
export function valuesOf(headers: readonly ParamHeader[], params: RawObject): Record<string, string> {
  const values: Record<string, string> = {}
  const args = params.object('arguments')
  if (args === undefined) return values
  for (const { header, path } of headers) {
    const text = textAt(args, path)
    if (text !== undefined) values[header] = encodeHeader(text)
  }
  return values
}

/** Of what a client sent, what no argument of the tool is repeated in. */
export function unknownOf(
  sent: Readonly<Record<string, string>>,
  headers: readonly ParamHeader[],
): Record<string, string> {
  const known = new Set(headers.map(({ header }) => header))
  return Object.fromEntries(Object.entries(sent).filter(([name]) => !known.has(name)))
}

interface Place {
  readonly path: readonly string[]
  /** By `properties` alone. */
  readonly reachable: boolean
  readonly found: ParamHeader[]
}

/** @returns why the schema is invalid, if it is */
function visit(node: unknown, place: Place): string | undefined {
  if (typeof node !== 'object' || node === null || place.path.length > DEPTH) return undefined
  if (Array.isArray(node)) return firstFault(node, (child) => visit(child, { ...place, reachable: false }))
  const schema = node as JsonObject
  const fault = ANNOTATION in schema ? collect(schema, place) : undefined
  if (fault !== undefined) return fault
  return firstFault(Object.entries(schema), ([key, child]) => visitMember(key, child, place))
}

/** Values, as opposed to schemas, are not looked into: an example may hold anything. */
const VALUES: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples'])

function visitMember(key: string, child: unknown, place: Place): string | undefined {
  if (VALUES.has(key)) return undefined
  if (key !== 'properties' || typeof child !== 'object' || child === null)
    return visit(child, { ...place, path: [...place.path, `<${key}>`], reachable: false })
  return firstFault(Object.entries(child), ([name, schema]) =>
    visit(schema, { ...place, path: [...place.path, name] }),
  )
}

function collect(schema: JsonObject, { path, reachable, found }: Place): string | undefined {
  const name = schema[ANNOTATION]
  const at = path.join('.') || 'the root'
  if (!reachable || path.length === 0) return `${ANNOTATION} at ${at} cannot be reached by 'properties' alone`
  if (typeof name !== 'string' || !TOKEN.test(name)) return `${ANNOTATION} at ${at} is not a header name`
  if (!TYPES.includes(schema['type'])) return `${ANNOTATION} at ${at} is not on a string, integer or boolean`
  const header = `mcp-param-${name.toLowerCase()}`
  if (found.some((it) => it.header === header)) return `${ANNOTATION} '${name}' stands twice`
  found.push({ header, path })
  return undefined
}

function firstFault<T>(list: Iterable<T>, check: (it: T) => string | undefined): string | undefined {
  for (const it of list) {
    const fault = check(it)
    if (fault !== undefined) return fault
  }
  return undefined
}

function textAt(args: RawObject, path: readonly string[]): string | undefined {
  let object: RawObject | undefined = args
  for (const key of path.slice(0, -1)) object = object?.object(key)
  const key = path.at(-1)
  if (object === undefined || key === undefined || !object.has(key)) return undefined
  return scalarText(object.value(key))
}

/** An integer beyond 2^53 would be another number in the header than in the body; it gets none. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value)
}
