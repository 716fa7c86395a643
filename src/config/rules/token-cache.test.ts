import { describe, expect, it } from 'vitest'
import { errorsOf, MINIMAL, parse, warningsOf } from '../testing.ts'

const ENV = { SET: 'x', KEY: 'k'.repeat(43) }
const redis = (more: string) => `tokenCache: {provider: redis, config: {address: "localhost:6379"${more}}}\n`

describe('tokenCache', () => {
  it.each([
    [
      'tokenCache: {provider: redis, config: {encryptionKeyEnv: KEY}}\n',
      'tokenCache: provider redis needs config.address',
    ],
    [
      redis(''),
      'tokenCache.provider: tokens in Redis are encrypted: set the environment variable VMCP_TOKEN_CACHE_KEY, the same for all that share them',
    ],
    [
      redis(', encryptionKeyEnv: SET'),
      'tokenCache.config.encryptionKeyEnv: the environment variable SET holds no key',
    ],
    [
      redis(', encryptionKeyEnv: NONE'),
      'tokenCache.config.encryptionKeyEnv: tokens in Redis are encrypted: set the environment variable NONE, the same for all that share them',
    ],
    [
      redis(', encryptionKeyEnv: KEY, encryptionKeyFile: /k'),
      'tokenCache.config.encryptionKeyEnv: given with encryptionKeyFile; keep one',
    ],
    [
      'tokenCache: {provider: redis, config: {address: localhost, encryptionKeyEnv: KEY}}\n',
      'tokenCache.config.address: expected host:port, or rediss://host:port for TLS',
    ],
    ['tokenCache: {config: {maxEntries: 0}}\n', 'tokenCache.config.maxEntries: must be at least 1'],
    [
      'tokenCache: {provider: custom}\n',
      'tokenCache.provider: expected one of memory, redis, found "custom"',
    ],
  ])('%s is refused', (text, error) => {
    expect(errorsOf(text, ENV)).toEqual([error])
  })

  it.each([
    redis(', ttlOffset: 0s, encryptionKeyEnv: KEY'),
    redis(', db: 2, keyPrefix: a, password: p, encryptionKeyFile: /etc/vmcp.key'),
    'tokenCache: {provider: memory, config: {maxEntries: 1, ttlOffset: 5m}}\n',
    'tokenCache: {}\n',
  ])('%s is taken', (text) => {
    expect(errorsOf(text, ENV)).toEqual([])
  })

  it('takes the key from VMCP_TOKEN_CACHE_KEY where no other variable is named', () => {
    expect(errorsOf(redis(''), { VMCP_TOKEN_CACHE_KEY: 'ab'.repeat(32) })).toEqual([])
  })

  it('takes authorities for TLS, in both spellings, and only there', () => {
    for (const key of ['caCertPath', 'ca_cert_path']) {
      const text = `token_cache: {provider: redis, config: {address: "rediss://r:6380", ${key}: /ca.pem}}\n`
      const result = parse(MINIMAL + text, { VMCP_TOKEN_CACHE_KEY: 'ab'.repeat(32) })
      const there = { address: 'r:6380', tls: { caCertPath: '/ca.pem' } }
      expect(result.ok && result.config.tokenCache?.redis, key).toMatchObject(there)
    }
    expect(errorsOf(redis(', caCertPath: /ca.pem, encryptionKeyEnv: KEY'), ENV)).toEqual([
      'tokenCache.config.caCertPath: only a connection with TLS has one: the address begins with rediss:// then',
    ])
  })

  it('warns of settings of Redis that nobody reads', () => {
    expect(warningsOf('tokenCache: {config: {address: "x:1", encryptionKeyEnv: KEY}}\n')).toEqual([
      'tokenCache.config.address: has no effect unless provider is redis',
      'tokenCache.config.encryptionKeyEnv: has no effect unless provider is redis',
    ])
  })
})
