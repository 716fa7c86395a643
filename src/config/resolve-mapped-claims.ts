import type { AssertionConfig, MappedClaimsConfig } from '../core/mapped-claims-config.ts'
import { readSigningKey } from '../core/signing-key.ts'
import type { RuleContext } from './rules/rule.ts'
import type { MappedClaimsInput } from './schema/mapped-claims.ts'

type JwtInput = NonNullable<MappedClaimsInput['jwt']>

export function toMappedClaims(
  { headers = [], jwt }: MappedClaimsInput,
  { env }: RuleContext,
): MappedClaimsConfig {
  return { type: 'mapped_claims', headers, jwt: jwt && toAssertion(jwt, env) }
}

function toAssertion(input: JwtInput, env: RuleContext['env']): AssertionConfig {
  const { headerFormat, lifetime, claims = [], ...rest } = input
  const { header, issuer, audience, algorithm, keyId } = rest
  return {
    ...{ header, issuer, audience, algorithm, keyId, claims },
    format: headerFormat,
    lifetimeMs: lifetime,
    key: read(keyOf(input, env)),
  }
}

/** It is part of the configuration, so that another key in the same file is another configuration. */
function read(key: AssertionConfig['key']): AssertionConfig['key'] {
  return 'file' in key ? { text: readSigningKey(key.file), place: key.file } : key
}

/** Where the private key is. */
export function keyOf(
  { keyFile, keyEnv = '' }: Pick<JwtInput, 'keyFile' | 'keyEnv'>,
  env: RuleContext['env'],
): AssertionConfig['key'] {
  if (keyFile !== undefined) return { file: keyFile }
  return { text: env[keyEnv] ?? '', place: `the environment variable ${keyEnv}` }
}
