import { FUEL, matchTemplate } from './match.ts'
import { type Part, parseTemplate } from './parse.ts'

/** Whether a URI is one that a template stands for. What is no template stands for none. */
export function templateMatcher(): (template: string, uri: string) => boolean {
  let last: { readonly template: string; readonly parts: readonly Part[] | undefined } | undefined
  return (template, uri) => {
    if (last?.template !== template) last = { template, parts: parseTemplate(template) }
    return last.parts !== undefined && matchTemplate(last.parts, uri, { left: FUEL })
  }
}
