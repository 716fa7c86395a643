import { describe, expect, test } from 'vitest'
import { type JsonObject, type ToolItem, UNCACHEABLE } from '../core/catalog.ts'
import { RawObject } from '../core/raw.ts'
import { createRoutes } from './routes.ts'

function tool(backend: string, own: string, more: JsonObject = {}, hidden = false): ToolItem {
  const name = `${backend}_${own}`
  return { kind: 'tool', name, origin: { backend, name: own }, definition: { name, ...more }, hidden }
}

const PAGE = { _meta: { ui: { resourceUri: 'ui://chart' } } }

function find(tools: readonly ToolItem[], name: string): string | undefined {
  const routes = createRoutes({
    tools,
    prompts: [],
    resources: [],
    templates: [],
    dropped: [],
    caching: () => UNCACHEABLE,
  })
  const item = routes.find({ kind: 'tool', name, params: RawObject.empty })
  return item?.kind === 'tool' ? item.name : undefined
}

describe('the page of an app', () => {
  test('calls the tools of its server by their own names', () => {
    const tools = [tool('a', 'show', PAGE), tool('a', 'refresh')]
    expect(find(tools, 'refresh')).toBe('a_refresh')
    expect(find(tools, 'show')).toBe('a_show')
    const earlier = { _meta: { 'ui/resourceUri': 'ui://chart' } }
    expect(find([tool('a', 'show', earlier)], 'show')).toBe('a_show')
  })

  test('reaches no tool of a server without pages, none that is hidden, and none of two', () => {
    expect(find([tool('a', 'show', PAGE), tool('b', 'delete')], 'delete')).toBeUndefined()
    expect(find([tool('a', 'show', PAGE), tool('a', 'delete', {}, true)], 'delete')).toBeUndefined()
    expect(find([tool('a', 'show', PAGE), tool('b', 'show', PAGE)], 'show')).toBeUndefined()
  })

  test('does not take a name that is listed from its tool', () => {
    const listed: ToolItem = { ...tool('b', 'x'), name: 'show' }
    expect(find([tool('a', 'show', PAGE), listed], 'show')).toBe('show')
  })
})
