import type { Call, CompletionRef } from '../core/call.ts'
import type { Catalog, Item, PromptItem, TemplateItem } from '../core/catalog.ts'
import { appNames } from './apps.ts'
import { FUEL, matchTemplate } from './template/match.ts'
import { type Part, parseTemplate } from './template/parse.ts'

/** Finds the item that a call means. Made once for each catalogue. */
export interface Routes {
  find(call: Call): Item | undefined
}

interface Matcher {
  readonly item: TemplateItem
  readonly parts: readonly Part[]
}

export function createRoutes({ tools, prompts, resources, templates }: Catalog): Routes {
  // A name that is listed goes before one that only an app knows.
  const toolsByName = new Map([...appNames(tools), ...tools.map((item) => [item.name, item] as const)])
  const promptsByName = new Map<string, PromptItem>(prompts.map((item) => [item.name, item]))
  const byUri = new Map<string, Item>([
    ...templates.map((item) => [item.uriTemplate, item] as const),
    // An exact URI goes before a template that is written the same.
    ...resources.map((item) => [item.uri, item] as const),
  ])
  const matchers = templates.flatMap((item): Matcher[] => {
    const parts = parseTemplate(item.uriTemplate)
    return parts === undefined ? [] : [{ item, parts }]
  })
  const resource = (uri: string) => byUri.get(uri) ?? firstMatch(matchers, uri)
  const referred = (ref: CompletionRef) => {
    if (ref.type === 'ref/prompt') return promptsByName.get(ref.name)
    return ref.type === 'ref/resource' ? resource(ref.uri) : undefined
  }
  return {
    find(call) {
      switch (call.kind) {
        case 'tool':
          return toolsByName.get(call.name)
        case 'prompt':
          return promptsByName.get(call.name)
        case 'resource':
        case 'subscription':
          return resource(call.uri)
        case 'task':
        case 'method':
          return undefined
        case 'completion':
          return referred(call.ref)
      }
    },
  }
}

/** Templates are tried in the order of the catalogue, which is that of their text. */
function firstMatch(matchers: readonly Matcher[], uri: string): TemplateItem | undefined {
  const fuel = { left: FUEL }
  return matchers.find(({ parts }) => matchTemplate(parts, uri, fuel))?.item
}
