import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Catalog, Item } from '../core/catalog.ts'
import { type AggregationPolicy, type ConflictStrategy, DEFAULT_AGGREGATION } from '../core/config.ts'
import { aggregate } from './aggregate.ts'

const word = fc.constantFrom('a', 'b', 'a_b', 'b_a', 'a_a', 'x_a', 'toString', 'é')
const entry = fc.oneof(
  { weight: 8, arbitrary: word.map((name) => ({ name, uri: name, uriTemplate: name })) },
  { weight: 1, arbitrary: fc.constantFrom({}, { name: 3, uri: null }) },
)
const list = fc.array(entry, { maxLength: 5 })
const offer = fc.record({ tools: list, prompts: list, resources: list, templates: list })
const contributions = fc.uniqueArray(fc.record({ backend: word, offer }), {
  selector: ({ backend }) => backend,
  maxLength: 5,
})
const format = fc.constantFrom('{workload}_', '{workload}', '', 'x_')
const strategy: fc.Arbitrary<ConflictStrategy> = fc.oneof(
  fc.record({ type: fc.constant('prefix' as const), format }),
  fc.record({ type: fc.constant('manual' as const), format }),
  fc.record({ type: fc.constant('priority' as const), order: fc.array(word, { maxLength: 3 }) }),
)
const policies: fc.Arbitrary<AggregationPolicy> = fc.record({
  strategy,
  excludeAllTools: fc.boolean(),
  defaultVisibility: fc.constantFrom('allow', 'deny'),
  workloads: fc.dictionary(
    word,
    fc.record({
      filter: fc.option(fc.array(word, { maxLength: 2 }), { nil: undefined }),
      excludeAll: fc.boolean(),
      overrides: fc.dictionary(word, fc.record({ name: word }, { requiredKeys: [] })),
    }),
  ),
})
const items = ({ tools, prompts, resources, templates }: Catalog): Item[] => [
  ...tools,
  ...prompts,
  ...resources,
  ...templates,
]
const LIST = { tool: 'tools', prompt: 'prompts', resource: 'resources', template: 'templates' } as const
const keyOf = (item: Item) => ('name' in item ? item.name : 'uri' in item ? item.uri : item.uriTemplate)

test('the same offers give the same bytes in any order of arrival', () => {
  const shuffled = contributions.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
  )
  fc.assert(
    fc.property(shuffled, policies, ([given, other], by) => {
      expect(JSON.stringify(aggregate(other, by))).toBe(JSON.stringify(aggregate(given, by)))
    }),
    { numRuns: 500 },
  )
})

test('nothing is lost without a reason, and nothing is made up', () => {
  fc.assert(
    fc.property(contributions, policies, (all, by) => {
      const { catalog } = aggregate(all, by)
      const gone = catalog.dropped.filter(({ as }) => as === undefined)
      for (const kind of ['tool', 'prompt', 'resource', 'template'] as const) {
        const offered = all.flatMap((it) => it.offer[LIST[kind]]).length
        const kept = items(catalog).filter((item) => item.kind === kind)
        expect(kept.length + gone.filter((it) => it.kind === kind).length).toBe(offered)
        for (const { origin } of kept) {
          const names = all.find(({ backend }) => backend === origin.backend)?.offer[LIST[kind]] ?? []
          expect(names.some((it) => Object.values(it).includes(origin.name))).toBe(true)
        }
      }
      expect(catalog.dropped.every(({ reason }) => reason !== '')).toBe(true)
      for (const { as, kind, origin } of catalog.dropped) {
        if (as === undefined) continue
        expect(items(catalog)).toContainEqual(expect.objectContaining({ kind, name: as, origin }))
      }
    }),
    { numRuns: 500 },
  )
})

test('names and URIs are unique, sorted, and those of the definitions', () => {
  fc.assert(
    fc.property(contributions, policies, (all, by) => {
      const { catalog } = aggregate(all, by)
      for (const kept of [catalog.tools, catalog.prompts, catalog.resources, catalog.templates]) {
        const keys = kept.map(keyOf)
        expect(keys).toEqual([...new Set(keys)].sort())
      }
      for (const { name, definition } of [...catalog.tools, ...catalog.prompts])
        expect(definition['name']).toBe(name)
    }),
    { numRuns: 500 },
  )
})

test('what clients see does not depend on what they do not see', () => {
  fc.assert(
    fc.property(contributions, policies, (all, by) => {
      const { catalog } = aggregate(all, by)
      const seen = catalog.tools.filter(({ hidden }) => !hidden)
      const without = all.map(({ backend, offer }) => ({
        backend,
        offer: {
          ...offer,
          tools: offer.tools.filter(
            ({ name }) =>
              !catalog.tools.some(
                (it) => it.hidden && it.origin.backend === backend && it.origin.name === name,
              ),
          ),
        },
      }))
      expect(aggregate(without, by).catalog.tools.filter(({ hidden }) => !hidden)).toEqual(seen)
    }),
    { numRuns: 500 },
  )
})

test('aggregating what was aggregated changes nothing more', () => {
  fc.assert(
    fc.property(contributions, strategy, (all, by) => {
      const once = aggregate(all, { ...DEFAULT_AGGREGATION, strategy: by }).catalog
      const definitions = (catalog: Catalog) => ({
        tools: catalog.tools.map(({ definition }) => definition),
        prompts: catalog.prompts.map(({ definition }) => definition),
        resources: catalog.resources.map(({ definition }) => definition),
        templates: catalog.templates.map(({ definition }) => definition),
      })
      const again = aggregate([{ backend: 'all', offer: definitions(once) }], {
        ...DEFAULT_AGGREGATION,
        strategy: { type: 'priority', order: ['all'] },
      }).catalog
      expect(definitions(again)).toEqual(definitions(once))
      expect(again.dropped).toEqual([])
    }),
    { numRuns: 300 },
  )
})
