import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, items, odd, textAt } from '../place.ts'
import { SECRETS } from './outgoing-auth.ts'

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/
const OF_STRATEGIES = [['headerInjection', 'headerValue'], ...SECRETS] as const

/** Texts in which a variable of the environment is meant. A configuration is read as it stands. */
export function* unexpanded(root: Place): Iterable<Finding> {
  const outgoing = child(root, 'outgoingAuth')
  const strategies = [child(outgoing, 'default'), ...entries(child(outgoing, 'backends')).map(([, it]) => it)]
  for (const strategy of strategies)
    for (const [block, key] of OF_STRATEGIES) yield* judge(child(strategy, block, key), key)
  for (const backend of items(child(root, 'backends'))) {
    yield* judge(child(backend, 'url'))
    for (const block of ['headers', 'env'])
      for (const [, place] of entries(child(backend, block))) yield* judge(place)
  }
}

function* judge(place: Place, key?: string): Iterable<Finding> {
  const name = VARIABLE.exec(textAt(place) ?? '')?.[1]
  if (name === undefined) return
  const message = `\${${name}} is taken as it stands: variables are not expanded here`
  yield odd(place, message, key === undefined ? undefined : `write ${key}Env: ${name}`)
}
