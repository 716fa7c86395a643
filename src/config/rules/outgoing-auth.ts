import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, textAt, wrong, wrongBlock } from '../place.ts'
import { HEADER_VALUE } from '../schema/scalars.ts'
import { awsSts } from './aws-sts.ts'
import { injectedHeader } from './headers.ts'
import { mappedClaims } from './mapped-claims.ts'
import { oauthBackends, oauthClient } from './oauth.ts'
import type { RuleContext } from './rule.ts'
import { callersTokens, tokenEndpoints } from './token-endpoints.ts'
import { whoseTokens } from './whose-tokens.ts'

/** Secrets that may stand in the file or in the environment. */
export const SECRETS = [
  ['tokenExchange', 'clientSecret'],
  ['clientCredentials', 'clientSecret'],
  ['oauth', 'clientSecret'],
  ['xaa', 'idpClientSecret'],
  ['xaa', 'targetClientSecret'],
] as const

export function* outgoingAuth(root: Place, context: RuleContext): Iterable<Finding> {
  const block = child(root, 'outgoingAuth')
  const named = entries(child(block, 'backends'))
  const fallback = child(block, 'default')
  for (const [name, strategy] of named)
    yield* checkStrategy(`backend ${JSON.stringify(name)}`, strategy, context)
  if (exists(fallback)) yield* checkStrategy('the default strategy', fallback, context)
  yield* stdioBackends(root)
  yield* callersTokens(root)
  yield* oauthBackends(root)
  yield* whoseTokens(root)
}

function* checkStrategy(who: string, strategy: Place, context: RuleContext): Iterable<Finding> {
  yield* headerInjection(who, child(strategy, 'headerInjection'), context)
  yield* injectedHeader(strategy)
  for (const [block, key] of SECRETS) {
    const value = child(strategy, block, key)
    const variable = child(strategy, block, `${key}Env`)
    if (exists(value) && exists(variable))
      yield wrong(variable, `${who} has both ${key} and ${key}Env; keep one`)
    yield* environment(who, variable, context)
  }
  yield* awsSts(who, child(strategy, 'awsSts'))
  yield* mappedClaims(who, child(strategy, 'mappedClaims'), context)
  yield* tokenEndpoints(who, strategy)
  yield* oauthClient(who, child(strategy, 'oauth'), context)
}

function* headerInjection(who: string, block: Place, context: RuleContext): Iterable<Finding> {
  if (!exists(block)) return
  const given = exists(child(block, 'headerValue')) || exists(child(block, 'headerValueEnv'))
  if (!given) yield wrongBlock(block, `${who} needs headerValue or headerValueEnv`)
  yield* secret(who, [block, 'headerValue'], context)
}

/** A secret stands in the file or in the environment, not in both, and then it is there. */
function* secret(
  who: string,
  [block, key]: readonly [Place, string],
  context: RuleContext,
): Iterable<Finding> {
  const variable = child(block, `${key}Env`)
  if (exists(child(block, key)) && exists(variable))
    yield wrong(variable, `${who} has both ${key} and ${key}Env; keep one`)
  else yield* environment(who, variable, context)
}

function* environment(who: string, place: Place, { env }: RuleContext): Iterable<Finding> {
  const variable = textAt(place)
  if (variable === undefined) return
  const value = env[variable]
  if (!value)
    yield wrong(place, `${who} needs the environment variable ${variable}, which is not set or empty`)
  else if (place.path.at(-1) === 'headerValueEnv' && !HEADER_VALUE.test(value)) {
    yield wrong(
      place,
      `the environment variable ${variable} holds what no header may hold, such as a line break`,
    )
  }
}

/** A program has no headers, so a strategy of its own would be silently without effect. */
function* stdioBackends(root: Place): Iterable<Finding> {
  for (const backend of items(child(root, 'backends'))) {
    const name = textAt(child(backend, 'name'))
    if (name === undefined || child(backend, 'transport').value !== 'stdio') continue
    const type = child(root, 'outgoingAuth', 'backends', name, 'type')
    if (textAt(type) === undefined || type.value === 'unauthenticated') continue
    yield wrong(
      type,
      `backend ${JSON.stringify(name)} has transport stdio, which has no headers`,
      'use its env',
    )
  }
}
