import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../test/fixtures/closed.ts'
import { handMade, httpConfig, legacyBasics, ready, Stage } from '../testing.ts'

const stage = closedAfterEach(new Stage())

type Page = { tools?: unknown; nextCursor?: unknown }

/** The tools of a server that answers `tools/list` so. */
async function toolsOf(page: (cursor: string | undefined) => Page | undefined, limits = {}) {
  const listener = handMade((message, _, res) => {
    if (message.method === 'initialize') {
      const capabilities = { tools: {}, prompts: {}, resources: {} }
      return {
        result: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'x', version: '1' } },
      }
    }
    if (message.method === 'prompts/list') return { result: { prompts: [{ name: 'p' }] } }
    if (message.method !== 'tools/list') return legacyBasics(message, res)
    const result = page(message.params?.['cursor'] as string | undefined)
    return result === undefined ? { error: { code: -32603, message: 'broken' } } : { result }
  })
  const backend = await stage.backend(httpConfig(await stage.serve(listener)), { limits })
  const { offer } = await ready(backend)
  expect(offer.prompts).toEqual([{ name: 'p' }])
  return offer.tools.map((tool) => tool['name'])
}

const warnings = () => stage.log.lines.filter((it) => it.level === 'warn').map((it) => it.message)

describe('a list', () => {
  it('is read to its last page, and an empty cursor is a cursor', async () => {
    const pages: Record<string, Page> = {
      start: { tools: [{ name: 'a' }], nextCursor: '' },
      '': { tools: [{ name: 'b' }], nextCursor: '2' },
      '2': { tools: [{ name: 'c' }] },
    }
    expect(await toolsOf((cursor) => pages[cursor ?? 'start'])).toEqual(['a', 'b', 'c'])
  })

  it('that goes in circles ends', async () => {
    const tools = await toolsOf((cursor) => ({
      tools: [{ name: cursor ?? 'first' }],
      nextCursor: cursor === 'x' ? 'y' : 'x',
    }))
    expect(tools).toEqual(['first', 'x', 'y'])
    expect(warnings().join()).toContain('repeats a cursor')
  })

  it('without an end is given up, and the other lists are there', async () => {
    let n = 0
    const endless = () => ({ tools: [{ name: `t${n}` }], nextCursor: String(n++) })
    expect(await toolsOf(endless, { pages: 20 })).toEqual([])
    expect(warnings()).toContain('tools/list failed')
  })

  it('of too many entries is given up too', async () => {
    const tools = Array.from({ length: 11 }, (_, i) => ({ name: `t${i}` }))
    expect(await toolsOf(() => ({ tools }), { entries: 10 })).toEqual([])
  })

  it.each([
    ['an error', undefined],
    ['nonsense', { tools: 'many' }],
  ])('answered with %s does not hide the others', async (_, page) => {
    expect(await toolsOf(() => page)).toEqual([])
    expect(warnings()).toContain('tools/list failed')
  })

  it('loses entries that have no name, and says so', async () => {
    expect(await toolsOf(() => ({ tools: [{ name: 'a' }, {}, 7, null, { name: 1 }] }))).toEqual(['a'])
    expect(warnings().join()).toContain("dropped an entry without 'name'")
  })

  it('that the server does not know after all is empty', async () => {
    expect(await toolsOf(() => ({ tools: [] }))).toEqual([])
    expect(warnings()).toEqual([])
  })
})
