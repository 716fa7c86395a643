import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../load.ts'
import { faultsOf, MINIMAL, said, warningsOf } from '../testing.ts'

const asking = `compositeTools:
- name: ask
  description: d
  steps: [{id: a, type: elicitation, message: m, schema: {type: object, properties: {x: {type: string}}}}]
`
const key = Buffer.alloc(32, 7).toString('base64')
const runs = (text: string) => `${asking}workflowRuns: {${text}}\n`
const file = 'store: {type: file, path: /tmp/runs}'
const redis = 'store: {type: redis, address: "r:6379"}'

/** As the program gets it. */
function resolved(text: string, env = {}) {
  const result = parseConfig(`${MINIMAL}${runs(text)}`, { file: 'f', env })
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics))
  return result.config.workflowRuns
}

describe('workflowRuns', () => {
  it.each([
    [
      `${redis}`,
      'workflowRuns: a store of type redis needs keyFile or keyEnv, the same for all servers that share it',
    ],
    [`${file}, keyFile: k, keyEnv: K`, 'workflowRuns.keyEnv: there are both keyFile and keyEnv; keep one'],
    [`${file}, keyEnv: NONE`, 'workflowRuns.keyEnv: the environment variable NONE is not set or empty'],
    [`${file}, expireAfter: 1m`, 'workflowRuns.expireAfter: invalid duration: must be at least 15m'],
    ['store: {type: disk}', 'workflowRuns.store.type: expected one of file, redis, found "disk"'],
    ['store: {type: file}', 'workflowRuns.store.path: required: expected text'],
    [
      'store: {type: redis, address: "r:1", caCertPath: /ca.pem}, keyFile: k',
      'workflowRuns.store.caCertPath: only a connection with TLS has one: the address begins with rediss:// then',
    ],
    ['store: {type: redis, address: r}, keyFile: k', 'workflowRuns.store.address: expected host:port'],
  ])('%s is refused', (text, error) => {
    const errors = said('error', `${MINIMAL}${runs(text)}`)
    expect(errors).toEqual(expect.arrayContaining([expect.stringContaining(error)]))
  })

  it('refuses a key that is none, and does not show it', () => {
    const found = parseConfig(`${MINIMAL}${runs(`${file}, keyEnv: K`)}`, { file: 'f', env: { K: 'hunter2' } })
    const text = JSON.stringify(found.diagnostics)
    expect(text).toContain('the environment variable K holds no key')
    expect(text).not.toContain('hunter2')
  })

  it('says where it has no effect', () => {
    expect(warningsOf(`workflowRuns: {${file}}\n`)).toContain(
      'workflowRuns: has no effect: no composite tool has a step of type elicitation',
    )
    expect(faultsOf(runs(file))).toEqual([])
  })

  it('takes TLS from the address', () => {
    const text = 'store: {type: redis, address: "rediss://r:6379", caCertPath: /ca.pem}, keyEnv: K'
    const there = { address: 'r:6379', tls: { caCertPath: '/ca.pem' } }
    expect(resolved(text, { K: key })?.store).toMatchObject(there)
    const old = text.replace('caCertPath', 'ca_cert_path')
    const result = parseConfig(`${MINIMAL}${asking}workflow_runs: {${old.replace('keyEnv', 'key_env')}}\n`, {
      ...{ file: 'f', env: { K: key } },
    })
    expect(result.ok && result.config.workflowRuns?.store).toMatchObject(there)
  })

  it('is read in both spellings, with defaults, and the key where it is', () => {
    const shared = { expireMs: 24 * 60 * 60_000, max: 1_000 }
    expect(resolved(file)).toEqual({
      ...shared,
      store: { type: 'file', path: '/tmp/runs' },
      key: { file: join('/tmp/runs', 'key') },
    })
    const old = `${asking}workflow_runs: {${redis}, key_env: K, expire_after: 1h, max_runs: 5}\n`
    const env = { K: key, THV_SESSION_REDIS_PASSWORD: 's3cret' }
    const result = parseConfig(`${MINIMAL}${old}`, { file: 'f', env })
    expect(result.ok && result.config.workflowRuns).toEqual({
      store: { type: 'redis', address: 'r:6379', db: 0, keyPrefix: 'thv:vmcp:run:', password: 's3cret' },
      key: { text: key, place: 'the environment variable K' },
      expireMs: 60 * 60_000,
      max: 5,
    })
  })
})
