import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import { shorten } from './json.ts'
import type { ToolOutcome } from './ports.ts'

/** What templates see of a result: the structured content, or else the content blocks by name. */
export function outputOf(outcome: ToolOutcome): { output: JsonObject; content: JsonObject } {
  const content = namedBlocks(outcome.content)
  return { output: isObject(outcome.structuredContent) ? outcome.structuredContent : content, content }
}

/** By block type: the name, whether the first one goes without a number, and the value. */
const BLOCKS: Readonly<
  Record<string, { name: string; bare: boolean; value: (block: JsonObject) => unknown }>
> = {
  text: { name: 'text', bare: true, value: (block) => block['text'] },
  image: { name: 'image', bare: false, value: (block) => block['data'] },
  audio: { name: 'audio', bare: false, value: (block) => block['data'] },
  resource: { name: 'resource', bare: true, value: (block) => embedded(block['resource']) },
  resource_link: { name: 'link', bare: false, value: (block) => block['uri'] },
}

/** `text`, `text_1`, …; `image_0`, …; `audio_0`, …; `resource`, `resource_1`, …; `link_0`, … */
function namedBlocks(blocks: readonly JsonObject[]): JsonObject {
  const counts = new Map<string, number>()
  const named: [string, unknown][] = []
  for (const block of blocks) {
    const type = String(block['type'])
    const rule = Object.hasOwn(BLOCKS, type) ? BLOCKS[type] : undefined
    if (rule === undefined) continue
    const number = counts.get(rule.name) ?? 0
    counts.set(rule.name, number + 1)
    named.push([number === 0 && rule.bare ? rule.name : `${rule.name}_${number}`, rule.value(block)])
  }
  return Object.fromEntries(named)
}

function embedded(resource: unknown): unknown {
  return isObject(resource) ? (resource['text'] ?? resource['blob']) : undefined
}

/** The sentence in a result with `isError`. */
export function failureText(outcome: ToolOutcome): string {
  const first = outcome.content.find((block) => block['type'] === 'text')?.['text']
  const fields = isObject(outcome.structuredContent) ? outcome.structuredContent : {}
  const text = [first, fields['error'], fields['message'], fields['text']].find(
    (candidate) => typeof candidate === 'string' && candidate !== '',
  )
  return shorten(typeof text === 'string' ? text : 'the tool reported an error without saying which')
}
