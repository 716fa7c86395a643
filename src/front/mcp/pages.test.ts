import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CacheHint, type Catalog, type ToolItem, UNCACHEABLE } from '../../core/catalog.ts'
import { type FramedResult, resultFrame } from './frame.ts'
import type { RequestId } from './message.ts'
import { PAGE_SIZE, Pages } from './pages.ts'

function catalogOf(names: readonly string[]): Catalog {
  const tools = [...names].sort(byCodeUnit).map((name) => toolOf(name))
  return { tools, prompts: [], resources: [], templates: [], dropped: [], caching: () => UNCACHEABLE }
}

function toolOf(name: string): ToolItem {
  return { kind: 'tool', name, definition: { name }, origin: { backend: 'b', name }, hidden: false }
}

const byCodeUnit = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => `tool_${String(at).padStart(6, '0')}`)
const pages = () => new Pages({ project: (item) => item.definition, beside: undefined })

interface Page {
  readonly tools: readonly { readonly name: string }[]
  readonly nextCursor?: string
}

function read(result: FramedResult): Page {
  const frame = Buffer.concat(resultFrame({ text: '1' } as RequestId, result)).toString()
  return (JSON.parse(frame) as { readonly result: Page }).result
}

/** All names in the order in which pages bring them. `change` is called between pages. */
function walk(made: Pages, catalog: Catalog, change: (catalog: Catalog) => Catalog = (it) => it): string[] {
  const names: string[] = []
  let now = catalog
  let cursor: string | undefined
  do {
    const page = read(made.page(now, 'tools', cursor))
    expect(page.tools.length).toBeLessThanOrEqual(PAGE_SIZE)
    names.push(...page.tools.map((tool) => tool.name))
    cursor = page.nextCursor
    now = change(now)
  } while (cursor !== undefined)
  return names
}

describe('pages', () => {
  it('bring every entry once, whatever their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * PAGE_SIZE + 1 }), (count) => {
        expect(walk(pages(), catalogOf(numbered(count)))).toEqual(numbered(count))
      }),
      { numRuns: 20, examples: [[0], [PAGE_SIZE], [PAGE_SIZE + 1], [2 * PAGE_SIZE]] },
    )
  })

  it('bring every entry that stays, once, when the catalogue changes on the way', () => {
    const all = numbered(2500)
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 2499 })), fc.boolean(), (gone, also) => {
        const left = all.filter((_, at) => !gone.includes(at))
        const added = also ? ['aaa', 'tool_000999x', 'zzz'] : []
        const names = walk(pages(), catalogOf(all), () => catalogOf([...left, ...added]))
        expect(new Set(names).size).toBe(names.length)
        expect(left.every((name) => names.includes(name))).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  it('are made once for a catalogue', () => {
    const made = pages()
    const catalog = catalogOf(numbered(1500))
    const first = made.page(catalog, 'tools', undefined)
    const cursor = read(first).nextCursor
    expect(made.page(catalog, 'tools', undefined).rest).toBe(first.rest)
    expect(made.page(catalog, 'tools', cursor).rest).toBe(made.page(catalog, 'tools', cursor).rest)
    expect(made.page(catalogOf(numbered(1500)), 'tools', undefined).rest).not.toBe(first.rest)
  })

  it('say how they may be cached when they are answered, and are not made again for it', () => {
    let hint: CacheHint = { ttlMs: 70, scope: 'public' }
    const catalog = { ...catalogOf(numbered(1500)), caching: () => hint }
    const made = new Pages({
      project: (item) => item.definition,
      beside: (caching) => `"c":${caching.ttlMs}`,
    })
    const answer = (cursor?: string) => made.page(catalog, 'tools', cursor)
    const { rest } = answer()
    expect(read(answer())).toMatchObject({ c: 70, nextCursor: expect.any(String) })
    hint = { ...hint, ttlMs: 30 }
    expect(answer().rest).toBe(rest)
    expect(read(answer())).toMatchObject({ c: 30 })
    expect(read(answer(read(answer()).nextCursor))).toMatchObject({ c: 30 })
  })

  it('behind the end are empty', () => {
    const catalog = catalogOf(numbered(1500))
    const { nextCursor } = read(pages().page(catalog, 'tools', undefined))
    expect(read(pages().page(catalogOf(['a']), 'tools', nextCursor))).toEqual({ tools: [] })
  })
})
