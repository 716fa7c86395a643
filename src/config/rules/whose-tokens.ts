import { isThisMachine } from '../../core/address.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, odd, textAt } from '../place.ts'

/** A backend that a strategy is used for. */
interface Use {
  readonly backend: string
  readonly url: string | undefined
}

/** What operators should know of with whose token backends are asked: it is allowed, and may not be meant. */
export function* whoseTokens(root: Place): Iterable<Finding> {
  const incoming = child(root, 'incomingAuth')
  if (child(incoming, 'type').value !== 'oidc') return
  const own = ['audience', 'resource'].flatMap((key) => textAt(child(incoming, 'oidc', key)) ?? [])
  for (const [type, uses] of strategies(root)) {
    if (type.value === 'pass_through') yield* passedOn(type, uses, own)
    if (type.value === 'oauth') yield* shared(type, uses)
  }
}

/** The `type` of each strategy, with the backends that it is used for. */
function strategies(root: Place): [Place, Use[]][] {
  const block = child(root, 'outgoingAuth')
  const named = new Map(entries(child(block, 'backends')))
  const known = items(child(root, 'backends')).flatMap((backend): Use[] => {
    const name = textAt(child(backend, 'name'))
    return name === undefined ? [] : [{ backend: name, url: textAt(child(backend, 'url')) }]
  })
  const ofNamed = [...named].map(([name, strategy]): [Place, Use[]] => {
    const uses = known.filter(({ backend }) => backend === name)
    return [child(strategy, 'type'), uses.length > 0 ? uses : [{ backend: name, url: undefined }]]
  })
  const fallback = child(block, 'default')
  const rest = known.filter(({ backend }) => !named.has(backend))
  return exists(fallback) ? [...ofNamed, [child(fallback, 'type'), rest]] : ofNamed
}

/** RFC 8707, and MCP, basic/authorization, Access Token Privilege Restriction. */
function* passedOn(type: Place, uses: readonly Use[], own: readonly string[]): Iterable<Finding> {
  const hosts = own.flatMap((it) => hostOf(it) ?? [])
  for (const { backend, url } of uses) {
    const host = url === undefined ? undefined : hostOf(url)
    if (host === undefined || isThisMachine(host) || hosts.includes(host)) continue
    yield odd(
      type,
      `tokens of callers, made for ${own[0] ?? 'vmcp'}, are sent on to backend ${JSON.stringify(backend)} at ${host}, which can use them wherever they are taken (RFC 8707)`,
      'use token_exchange, unless that backend is yours and meant to take the same token',
    )
  }
}

function* shared(type: Place, uses: readonly Use[]): Iterable<Finding> {
  for (const { backend } of uses)
    yield odd(
      type,
      `all callers act at backend ${JSON.stringify(backend)} as the one who logs in to it (vmcp login ${backend})`,
      'let incomingAuth.authz say who may, or use a strategy that gives each caller a token of their own',
    )
}

/** Without the port: it is about who runs it. */
function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { hostname } = new URL(url)
  return hostname === '' ? undefined : hostname.replace(/^\[|\]$/g, '')
}
