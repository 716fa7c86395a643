import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, odd, textAt, wrong, wrongBlock } from '../place.ts'
import type { RuleContext } from './rule.ts'

export function* incomingAuth(root: Place, { env }: RuleContext): Iterable<Finding> {
  const block = child(root, 'incomingAuth')
  const oidc = child(block, 'oidc')
  const type = child(block, 'type').value
  if (type === 'oidc' && !exists(oidc)) yield wrongBlock(block, 'type oidc needs the block oidc')
  if (type !== 'oidc' && typeof type === 'string' && exists(oidc)) {
    yield odd(oidc, `has no effect with type ${type}`)
  }
  const variable = textAt(child(oidc, 'clientSecretEnv'))
  if (variable !== undefined && !env[variable]) {
    yield wrong(child(oidc, 'clientSecretEnv'), `the environment variable ${variable} is not set or empty`)
  }
  yield* plainHttpIssuer(oidc)
  yield* authz(child(block, 'authz'))
}

function* plainHttpIssuer(oidc: Place): Iterable<Finding> {
  const issuer = child(oidc, 'issuer')
  const plain = textAt(issuer)?.startsWith('http://') ?? false
  if (plain && child(oidc, 'insecureAllowHttp').value !== true) {
    yield odd(issuer, 'the issuer speaks plain HTTP', 'use https, or set insecureAllowHttp for development')
  }
}

function* authz(block: Place): Iterable<Finding> {
  const policies = child(block, 'policies')
  const type = child(block, 'type').value
  if (type === 'cedar' && items(policies).length === 0) yield wrongBlock(block, 'type cedar needs policies')
  if (type === 'none' && exists(policies)) yield odd(policies, 'has no effect with type none')
}
