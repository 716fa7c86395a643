import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, odd, wrong, wrongBlock } from '../place.ts'
import { redisAuthorities } from './redis-authorities.ts'
import { repeated } from './rule.ts'

export function* sessionStorage(root: Place): Iterable<Finding> {
  const block = child(root, 'sessionStorage')
  const address = child(block, 'address')
  if (child(block, 'provider').value === 'redis') {
    if (!exists(address)) yield wrongBlock(block, 'provider redis needs address')
    return
  }
  for (const key of ['address', 'db', 'keyPrefix']) {
    if (exists(child(block, key))) yield odd(child(block, key), 'has no effect unless provider is redis')
  }
}

export function* rateLimiting(root: Place): Iterable<Finding> {
  const tools = items(child(root, 'rateLimiting', 'tools'))
  yield* repeated(
    tools.map((tool) => child(tool, 'name')),
    (name, first) => `the tool ${JSON.stringify(name)} already has limits at ${first}`,
  )
  for (const tool of tools) {
    const limited = exists(child(tool, 'shared')) || exists(child(tool, 'perUser'))
    if (!limited) yield wrong(tool, 'needs shared or perUser')
  }
  yield* redisAuthorities(child(root, 'rateLimiting', 'redis'))
}

/** Nobody has a name where everybody is anonymous. */
export function* perUserLimits(root: Place): Iterable<Finding> {
  if (child(root, 'incomingAuth', 'type').value !== 'anonymous') return
  const block = child(root, 'rateLimiting')
  for (const place of [block, ...items(child(block, 'tools'))].map((it) => child(it, 'perUser'))) {
    if (exists(place))
      yield odd(place, 'has no effect with incomingAuth.type anonymous: no caller has a name')
  }
}

export function* compositeToolRefs(root: Place): Iterable<Finding> {
  const names = items(child(root, 'compositeToolRefs')).map((reference) => child(reference, 'name'))
  yield* repeated(names, (name, first) => `${JSON.stringify(name)} is already referred to at ${first}`)
  if (names.length > 0) yield wrongPlace(child(root, 'compositeToolRefs'))
}

/** ToolHive's own command line passes over them too; its operator puts what they refer to under compositeTools. */
function wrongPlace(block: Place): Finding {
  const message = 'refers to Kubernetes resources, and is passed over here'
  return {
    severity: 'warning',
    path: block.path,
    part: 'key',
    message,
    hint: 'write the tools under compositeTools',
  }
}
