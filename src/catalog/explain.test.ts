import { describe, expect, test } from 'vitest'
import { type AggregationPolicy, DEFAULT_AGGREGATION } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import { aggregate } from './aggregate.ts'
import { explain } from './explain.ts'
import { ready, tools } from './testing.ts'

const policy: AggregationPolicy = {
  ...DEFAULT_AGGREGATION,
  strategy: { type: 'prefix', format: 'x_' },
  workloads: { a: { filter: ['seen'], excludeAll: false, overrides: {} } },
}
const offers = {
  a: ready({ ...tools('seen', 'unseen'), resources: [{ uri: 'r:1', name: 'r' }] }),
  b: ready({ ...tools('seen'), resources: [{ uri: 'r:1', name: 'r' }], prompts: [{ name: 'p' }] }),
}
const { catalog } = aggregate(
  Object.entries(offers).map(([backend, { offer }]) => ({ backend, offer })),
  policy,
)

describe('an explanation', () => {
  test('has every entry of every backend, what became of it, and why', () => {
    expect(explain(catalog, { policy })).toEqual([
      {
        kind: 'tool',
        name: 'b_seen',
        backend: 'b',
        ownName: 'seen',
        status: 'listed',
        reason: "listed as 'b_seen': the name 'x_seen' belongs to 'seen' of backend 'a'",
      },
      { kind: 'tool', name: 'x_seen', backend: 'a', ownName: 'seen', status: 'listed' },
      {
        kind: 'tool',
        name: 'x_unseen',
        backend: 'a',
        ownName: 'unseen',
        status: 'hidden',
        reason: "the filter of 'a' does not name it",
      },
      { kind: 'prompt', name: 'x_p', backend: 'b', ownName: 'p', status: 'listed' },
      { kind: 'resource', name: 'r:1', backend: 'a', ownName: 'r:1', status: 'listed' },
      {
        kind: 'resource',
        name: 'r:1',
        backend: 'b',
        ownName: 'r:1',
        status: 'dropped',
        reason: "'a' offers the same URI and comes first by name",
      },
    ])
  })

  test('needs the catalogue alone', () => {
    expect(explain(catalog).find(({ status }) => status === 'hidden')).toEqual({
      kind: 'tool',
      name: 'x_unseen',
      backend: 'a',
      ownName: 'unseen',
      status: 'hidden',
    })
  })

  test('says that a backend cannot be reached now', () => {
    const state = {
      status: 'failed',
      error: new GatewayError('unavailable', 'gone'),
      last: offers.b,
    } as const
    const rows = explain(catalog, { backends: [{ name: 'b', state }] })
    expect(rows.find(({ name }) => name === 'x_p')?.reason).toBe(
      'its backend cannot be reached now, this is its last list: gone',
    )
    expect(rows.find(({ name }) => name === 'x_seen')?.reason).toBeUndefined()
  })
})
