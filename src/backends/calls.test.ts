import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import type { Call } from '../core/call.ts'
import type { Item } from '../core/catalog.ts'
import type { Backend } from '../core/ports.ts'
import { RawObject } from '../core/raw.ts'
import { exchange, handMade, httpConfig, legacyBasics, legacyCaller, modernCaller, Stage } from './testing.ts'

const stage = closedAfterEach(new Stage())

/** Answers every call with what it got. */
const LISTENERS = {
  legacy: handMade((message, req, res) => {
    const basic = ['prompts/get', 'resources/read', 'completion/complete'].includes(message.method)
    return basic ? { result: { got: message, headers: req.headers } } : legacyBasics(message, res)
  }),
  modern: handMade((message, req) => {
    const facts = { supportedVersions: ['2026-07-28'], capabilities: {} }
    return { result: { resultType: 'complete', ...facts, got: message, headers: req.headers } }
  }),
}

const origin = { backend: 'b', name: 'summary' }
const prompt: Item = { kind: 'prompt', name: 'b_summary', origin, definition: {}, hidden: false }
const uri = 'file:///tmp/ä b.txt'
const resource: Item = {
  kind: 'resource',
  uri,
  origin: { backend: 'b', name: uri },
  definition: {},
  hidden: false,
}
const uriTemplate = 'file:///{path}'
const template: Item = {
  kind: 'template',
  uriTemplate,
  origin: { backend: 'b', name: uriTemplate },
  definition: {},
  hidden: false,
}

describe.each(['legacy', 'modern'] as const)('a %s server gets', (era) => {
  async function got(call: Call, item: Item) {
    const backend: Backend = await stage.backend(httpConfig(await stage.serve(LISTENERS[era])))
    const caller = era === 'legacy' ? modernCaller() : legacyCaller()
    const { body } = await backend.run({ caller, call, item }, exchange())
    return body.parse() as { got: { method: string; params: object }; headers: Record<string, string> }
  }
  it('a prompt by its own name', async () => {
    const params = RawObject.of({ name: 'b_summary', arguments: { repo: 'x' } })
    const { got: message, headers } = await got({ kind: 'prompt', name: 'b_summary', params }, prompt)
    expect(message).toMatchObject({
      method: 'prompts/get',
      params: { name: 'summary', arguments: { repo: 'x' } },
    })
    expect(headers['mcp-name']).toBe(era === 'modern' ? 'summary' : undefined)
  })

  it('a resource by its URI, also one that a template stands for', async () => {
    for (const item of [resource, template]) {
      const { got: message, headers } = await got(
        { kind: 'resource', uri, params: RawObject.of({ uri }) },
        item,
      )
      expect(message).toMatchObject({ method: 'resources/read', params: { uri } })
      if (era === 'modern') expect(headers['mcp-name']).toMatch(/^=\?base64\?/)
      else expect(headers).not.toHaveProperty('mcp-name')
    }
  })

  it('a completion for a prompt by its own name, and for a template as it is', async () => {
    const argument = { name: 'repo', value: 'v' }
    const asPrompt = { type: 'ref/prompt', name: 'b_summary' } as const
    const asResource = { type: 'ref/resource', uri: uriTemplate } as const
    const first = await got(
      {
        kind: 'completion',
        ref: asPrompt,
        params: RawObject.of({ ref: { ...asPrompt, title: 'T' }, argument }),
      },
      prompt,
    )
    expect(first.got).toMatchObject({
      method: 'completion/complete',
      params: { ref: { type: 'ref/prompt', name: 'summary', title: 'T' }, argument },
    })
    const second = await got(
      { kind: 'completion', ref: asResource, params: RawObject.of({ ref: asResource, argument }) },
      template,
    )
    expect(second.got).toMatchObject({ params: { ref: asResource, argument } })
    expect(second.headers).not.toHaveProperty('mcp-name')
  })
})
