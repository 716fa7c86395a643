import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, items, textAt, wrong } from '../place.ts'

/** Every template of a composite tool has its braces in pairs. */
export function* templatesIn(tool: Place): Iterable<Finding> {
  for (const step of items(child(tool, 'steps'))) {
    yield* stepTemplates(step)
    yield* stepTemplates(child(step, 'step'))
  }
  yield* outputTemplates(child(tool, 'output'))
}

function* stepTemplates(step: Place): Iterable<Finding> {
  for (const key of ['condition', 'message', 'collection']) yield* balanced(child(step, key))
  yield* nested(child(step, 'arguments'))
}

function* nested(place: Place): Iterable<Finding> {
  yield* balanced(place)
  for (const item of items(place)) yield* nested(item)
  for (const [, member] of entries(place)) yield* nested(member)
}

function* outputTemplates(block: Place): Iterable<Finding> {
  yield* balanced(child(block, 'value'))
  for (const [, property] of entries(child(block, 'properties'))) yield* outputTemplates(property)
}

function* balanced(place: Place): Iterable<Finding> {
  const fault = faultOf(textAt(place) ?? '')
  if (fault !== undefined) yield wrong(place, `not a template: ${fault}`)
}

/** Braces inside quoted text within an action do not count. */
function faultOf(text: string): string | undefined {
  let at = 0
  for (;;) {
    const open = text.indexOf('{{', at)
    if (open < 0) return undefined
    const close = closeOf(text, open + 2)
    if (close === undefined) return '{{ without }}'
    at = close
  }
}

function closeOf(text: string, from: number): number | undefined {
  if (text.startsWith('/*', from) || text.startsWith('- /*', from)) {
    const end = text.indexOf('*/', from)
    const close = end < 0 ? -1 : text.indexOf('}}', end)
    return close < 0 ? undefined : close + 2
  }
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string
    if (character === '}' && text[at + 1] === '}') return at + 2
    if (character === '"' || character === '`' || character === "'") {
      const end = endOfQuote(text, at, character)
      if (end === undefined) return undefined
      at = end
    }
  }
  return undefined
}

function endOfQuote(text: string, start: number, quote: string): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote !== '`') at++
    else if (text[at] === quote) return at
  }
  return undefined
}
