import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, odd, wrongBlock } from '../place.ts'
import { checkOidc } from './oidc.ts'
import type { RuleContext } from './rule.ts'

export function* incomingAuth(root: Place, { env }: RuleContext): Iterable<Finding> {
  const block = child(root, 'incomingAuth')
  const oidc = child(block, 'oidc')
  const type = child(block, 'type').value
  if (type === 'oidc' && !exists(oidc)) yield wrongBlock(block, 'type oidc needs the block oidc')
  if (type !== 'oidc' && typeof type === 'string' && exists(oidc)) {
    yield odd(oidc, `has no effect with type ${type}`)
  }
  if (type === 'oidc') yield* checkOidc(oidc, env)
  yield* authz(child(block, 'authz'))
}

function* authz(block: Place): Iterable<Finding> {
  const policies = child(block, 'policies')
  const type = child(block, 'type').value
  const files = child(block, 'policyFiles')
  if (type === 'cedar' && items(policies).length + items(files).length === 0)
    yield wrongBlock(block, 'type cedar needs policies or policyFiles')
  for (const place of [policies, files])
    if (type === 'none' && exists(place)) yield odd(place, 'has no effect with type none')
}
