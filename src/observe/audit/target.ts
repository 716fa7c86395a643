import { parseJson, type RawObject } from '../../core/raw.ts'
import type { Seen } from '../../core/witness.ts'
import { shorten } from './shorten.ts'
import { quoted } from './text.ts'

type TargetType = 'tool' | 'resource' | 'prompt'

/** The methods that are about one thing, and the parameter that names it. */
const NAMED: ReadonlyMap<string, readonly [type: TargetType, parameter: string]> = new Map([
  ['tools/call', ['tool', 'name']],
  ['prompts/get', ['prompt', 'name']],
  ['resources/read', ['resource', 'uri']],
  ['resources/subscribe', ['resource', 'uri']],
  ['resources/unsubscribe', ['resource', 'uri']],
])

/** JSON text of what was done, and to what. */
export function targetOf({ kind, method, params, source }: Seen): string {
  const { endpoint } = source
  const what = method === '' ? kind : method
  const named = params === undefined ? undefined : nameIn(method, params)
  if (named === undefined)
    return textOf(endpoint, { method: shorten(what), type: 'endpoint', name: endpoint })
  return textOf(endpoint, { method, type: named.type, name: named.name })
}

interface Target {
  readonly method: string
  readonly type: TargetType | 'endpoint'
  readonly name: string
}

function textOf(endpoint: string, { method, type, name }: Target): string {
  return `{"endpoint":${quoted(endpoint)},"method":${quoted(method)},"type":"${type}","name":${quoted(shorten(name))}}`
}

function nameIn(method: string, params: RawObject): { type: TargetType; name: string } | undefined {
  if (method === 'completion/complete') return referred(params.object('ref'))
  const [type, parameter] = NAMED.get(method) ?? []
  const name = parameter === undefined ? undefined : stringIn(params.text(parameter))
  return type !== undefined && typeof name === 'string' ? { type, name } : undefined
}

/** Text from its JSON; most has nothing that would have to be read as an escape. */
function stringIn(json: string | undefined): unknown {
  if (json === undefined) return undefined
  return json.startsWith('"') && !json.includes('\\') ? json.slice(1, -1) : parseJson(json)
}

function referred(ref: RawObject | undefined): { type: TargetType; name: string } | undefined {
  const [type, name] = ref?.has('uri')
    ? (['resource', ref.value('uri')] as const)
    : (['prompt', ref?.value('name')] as const)
  return typeof name === 'string' ? { type, name } : undefined
}
