import type { JsonObject, ListKind } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { parseExact } from '../../core/exact.ts'
import type { Freshness } from '../../core/ports.ts'
import type { RawObject } from '../../core/raw.ts'
import type { Site } from './connection.ts'
import { type Listing, leastFresh, STALE } from './listing.ts'

/** Sends one list request and returns its `result`. */
export type AskPage = (method: string, params: JsonObject) => Promise<RawObject>

export interface ListAllOptions {
  readonly site: Site
  readonly capabilities: JsonObject
  readonly ask: AskPage
  /** Of a page that has just come. */
  readonly freshnessOf: (page: RawObject) => Freshness
}

interface Kind {
  readonly kind: ListKind
  readonly method: string
  /** The member of the result that holds the entries. */
  readonly member: string
  /** The server capability without which there is nothing to ask. */
  readonly capability: string
  /** The member that every entry must have, as text. */
  readonly identity: string
}

const KINDS: readonly Kind[] = [
  { kind: 'tools', method: 'tools/list', member: 'tools', capability: 'tools', identity: 'name' },
  { kind: 'prompts', method: 'prompts/list', member: 'prompts', capability: 'prompts', identity: 'name' },
  {
    kind: 'resources',
    method: 'resources/list',
    member: 'resources',
    capability: 'resources',
    identity: 'uri',
  },
  {
    kind: 'templates',
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    capability: 'resources',
    identity: 'uriTemplate',
  },
]

const METHOD_NOT_FOUND = -32601

/**
 * Every page of every list that the server has. A list that fails is absent, a list that the server does not
 * know is empty.
 * @throws GatewayError when every list failed
 */
export async function listAll(options: ListAllOptions): Promise<Listing> {
  const { site, capabilities } = options
  const offer: Partial<Record<ListKind, readonly JsonObject[]>> = {}
  const freshness: Partial<Record<ListKind, Freshness>> = {}
  const kinds = KINDS.filter((it) => capabilities[it.capability] !== undefined)
  for (const { kind } of KINDS) if (!kinds.some((it) => it.kind === kind)) offer[kind] = []
  const errors: GatewayError[] = []
  const listOne = async (kind: Kind): Promise<void> => {
    freshness[kind.kind] = STALE
    try {
      const list = await allPages(options, kind)
      offer[kind.kind] = list.entries
      site.complaints.delete(kind.method)
      freshness[kind.kind] = list.freshness
    } catch (error) {
      errors.push(onFailure(site, kind, GatewayError.from(error), offer))
    }
  }
  await Promise.all(kinds.map(listOne))
  const first = errors[0]
  if (first !== undefined && kinds.every(({ kind }) => offer[kind] === undefined)) throw first
  return { offer, freshness }
}

function onFailure(
  site: Site,
  kind: Kind,
  error: GatewayError,
  offer: Partial<Record<ListKind, readonly JsonObject[]>>,
): GatewayError {
  if (error.rpc?.code === METHOD_NOT_FOUND) offer[kind.kind] = []
  else complain(site, kind, error)
  return error
}

/** The same failure over and over is news only once. */
function complain({ name, log, complaints }: Site, { method }: Kind, { message }: GatewayError): void {
  const write = complaints.get(method) === message ? log.debug : log.warn
  complaints.set(method, message)
  write({ backend: name, error: message }, `${method} failed`)
}

interface List {
  readonly entries: readonly JsonObject[]
  readonly freshness: Freshness
}

async function allPages({ site, ask, freshnessOf }: ListAllOptions, kind: Kind): Promise<List> {
  const { limits } = site
  const entries: JsonObject[] = []
  const seen = new Set<string>()
  let freshness: Freshness | undefined
  let params: JsonObject = {}
  let bytes = 0
  for (let page = 0; page < limits.pages; page++) {
    const result = await ask(kind.method, params)
    bytes += result.bytes.length
    if (bytes > limits.listBytes) throw tooLong(site, kind, `${limits.listBytes} bytes`)
    for (const entry of entriesOf(site, kind, result)) entries.push(entry)
    if (entries.length > limits.entries) throw tooLong(site, kind, `${limits.entries} entries`)
    const own = freshnessOf(result)
    freshness = freshness === undefined ? own : leastFresh(freshness, own)
    const cursor = result.value('nextCursor')
    if (typeof cursor !== 'string') return { entries, freshness }
    if (seen.has(cursor)) return onRepetition(site, kind, entries)
    seen.add(cursor)
    params = { cursor }
  }
  throw tooLong(site, kind, `${limits.pages} pages`)
}

function entriesOf(site: Site, kind: Kind, result: RawObject): readonly JsonObject[] {
  const text = result.text(kind.member)
  const list = text === undefined ? undefined : parseExact(text)
  if (!Array.isArray(list)) {
    const message = `backend '${site.name}': the answer to ${kind.method} has no list '${kind.member}'`
    throw new GatewayError('bad_gateway', message)
  }
  return list.filter((entry: unknown) => isEntry(entry, kind.identity) || drop(site, kind))
}

function isEntry(entry: unknown, identity: string): boolean {
  return typeof entry === 'object' && entry !== null && typeof (entry as JsonObject)[identity] === 'string'
}

function drop(site: Site, kind: Kind): false {
  site.log.warn({ backend: site.name }, `${kind.method}: dropped an entry without '${kind.identity}'`)
  return false
}

/** A server that goes in circles has shown all that it has. */
function onRepetition(site: Site, kind: Kind, entries: readonly JsonObject[]): List {
  site.log.warn(
    { backend: site.name },
    `${kind.method}: the server repeats a cursor; took the pages up to there`,
  )
  return { entries, freshness: STALE }
}

function tooLong(site: Site, kind: Kind, limit: string): GatewayError {
  return new GatewayError('bad_gateway', `backend '${site.name}': ${kind.method} goes beyond ${limit}`)
}
