import { ASSERTION_ALGORITHMS } from '../../core/mapped-claims-config.ts'
import { openSigningKey } from '../../core/signing-key.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, textAt, wrong, wrongBlock } from '../place.ts'
import { keyOf } from '../resolve-mapped-claims.ts'
import { NEVER_PASSED } from './header-names.ts'
import { mayBeSet } from './headers.ts'
import type { RuleContext } from './rule.ts'

const NOT_FOR_TOKENS: ReadonlySet<string> = new Set([...NEVER_PASSED].filter((it) => it !== 'authorization'))
/** What a JWT says in any case, or may say of itself alone (RFC 7519 §4.1). */
const RESERVED: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

export function* mappedClaims(who: string, block: Place, { env }: RuleContext): Iterable<Finding> {
  if (!exists(block)) return
  const jwt = child(block, 'jwt')
  const headers = items(child(block, 'headers'))
  if (headers.length === 0 && !exists(jwt)) yield wrongBlock(block, `${who} needs headers or jwt`)
  yield* names([...headers, jwt].map((it) => child(it, 'header')))
  for (const place of headers) yield* mayBeWritten(child(place, 'header'), NEVER_PASSED)
  yield* mayBeWritten(child(jwt, 'header'), NOT_FOR_TOKENS)
  if (exists(jwt)) yield* assertion(who, jwt, env)
}

/** What a user may be called is not to be taken for a credential, or for what a proxy says. */
function* mayBeWritten(place: Place, never: ReadonlySet<string>): Iterable<Finding> {
  const name = textAt(place)
  if (name !== undefined && never.has(name.toLowerCase()))
    yield wrong(place, `the header ${name} may not be written from claims`)
}

function* names(places: readonly Place[]): Iterable<Finding> {
  const seen = new Set<string>()
  for (const place of places) {
    const name = textAt(place)
    if (name === undefined) continue
    yield* mayBeSet(place, name)
    if (seen.has(folded(name))) yield wrong(place, `the header ${name} is given twice`)
    seen.add(folded(name))
  }
}

function* assertion(who: string, jwt: Place, env: RuleContext['env']): Iterable<Finding> {
  const [file, variable] = [child(jwt, 'keyFile'), child(jwt, 'keyEnv')]
  const given = [file, variable].filter(exists)
  if (given.length !== 1) yield wrongBlock(jwt, `${who} needs either keyFile or keyEnv`)
  else yield* key(jwt, given[0] as Place, env)
  for (const claim of items(child(jwt, 'claims')))
    if (RESERVED.has(String(claim.value)))
      yield wrong(claim, `${claim.value} is said by this server itself and may not be a claim of the caller`)
}

function* key(jwt: Place, place: Place, env: RuleContext['env']): Iterable<Finding> {
  const [keyFile, keyEnv] = [textAt(child(jwt, 'keyFile')), textAt(child(jwt, 'keyEnv'))]
  if (keyFile === undefined && keyEnv === undefined) return
  if (keyEnv !== undefined && !env[keyEnv])
    return yield wrong(place, `the environment variable ${keyEnv} is not set or empty`)
  const said = child(jwt, 'algorithm').value ?? 'ES256'
  const algorithm = ASSERTION_ALGORITHMS.find((it) => it === said)
  if (algorithm === undefined) return
  try {
    openSigningKey({ key: keyOf({ keyFile, keyEnv }, env), algorithm })
  } catch (error) {
    yield wrong(place, (error as Error).message)
  }
}

/** Headers that say who the caller is come from nobody but us. */
export function* claimHeadersElsewhere(root: Place): Iterable<Finding> {
  const outgoing = child(root, 'outgoingAuth')
  const strategies = [child(outgoing, 'default'), ...entries(child(outgoing, 'backends')).map(([, it]) => it)]
  const mapped = new Set(strategies.flatMap(headersOf).map(folded))
  for (const place of items(child(root, 'passthroughHeaders')))
    if (mapped.has(folded(String(place.value))))
      yield wrong(place, `${place.value} is written from claims (mappedClaims) and may not be passed through`)
  for (const backend of items(child(root, 'backends')))
    for (const [name, place] of entries(child(backend, 'headers')))
      if (headersOf(strategyOf(outgoing, backend)).map(folded).includes(folded(name)))
        yield wrongBlock(place, `${name} is written from claims (mappedClaims) and may not be set`)
}

function strategyOf(outgoing: Place, backend: Place): Place {
  const own = child(outgoing, 'backends', textAt(child(backend, 'name')) ?? '')
  return exists(own) ? own : child(outgoing, 'default')
}

function headersOf(strategy: Place): string[] {
  const block = child(strategy, 'mappedClaims')
  return [...items(child(block, 'headers')), child(block, 'jwt')].flatMap(
    (it) => textAt(child(it, 'header')) ?? [],
  )
}

/** Some servers take `X_User` for `X-User`. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
