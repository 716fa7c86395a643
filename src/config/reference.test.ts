import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { renderReference } from './reference.ts'
import { jsonSchema } from './schema/json-schema.ts'
import type { JsonSchema } from './schema/shape.ts'

const page = (name: string) => readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8')

describe('the published reference', () => {
  it('is what the schema says; `npm run docs` writes it', () => {
    expect(page('configuration.md')).toBe(renderReference())
    expect(JSON.parse(page('configuration.schema.json'))).toEqual(jsonSchema())
  })

  it('has a section for every block and marks what is not built', () => {
    const text = renderReference()
    expect(text).toContain('## `backends[]` with transport `stdio`')
    expect(text).toContain('## `aggregation.tools[].overrides.<name>.annotations`')
    expect(text).toContain('## `compositeTools[].steps[].onError`\n')
    expect(text).toContain('## `codeMode` (not yet)')
    expect(text).toContain('| `perWorkload` | map |')
    expect(text).not.toMatch(/undefined|\[object/)
  })

  it('describes every key', () => {
    const silent: string[] = []
    const visit = (node: JsonSchema, path: string) => {
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        if (!child.description && !child.$ref) silent.push(`${path}.${key}`)
        visit(child, `${path}.${key}`)
      }
      const inner = [node.items, node.additionalProperties, ...(node.oneOf ?? [])]
      for (const child of inner) if (typeof child === 'object') visit(child, path)
    }
    visit(jsonSchema(), '')
    for (const [name, definition] of Object.entries(jsonSchema().$defs ?? {})) visit(definition, name)
    expect(silent).toEqual([])
  })

  it('is JSON Schema of draft 2020-12', () => {
    expect(jsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'urn:vmcp:configuration',
      title: 'vmcp configuration',
      additionalProperties: false,
      required: ['name', 'groupRef', 'incomingAuth', 'outgoingAuth', 'aggregation'],
    })
  })
})
