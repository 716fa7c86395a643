import type { JsonObject } from '../core/catalog.ts'
import { parseTemplate, type Reference } from '../engines/template/index.ts'
import { createTemplates } from '../layers/composition/templates.ts'

/** A value whose templates are expanded as far as may be; what waits for a run is left as it is written. */
export interface Draft {
  readonly value: unknown
  /** What the rest of it refers to, as paths: `steps.web.output.text`. */
  readonly waitsFor: readonly string[]
}

const ACTION = /\{\{[\s\S]*?\}\}/g
/** Actions that look at all of the data. */
const WHOLE = /\{\{[^}]*(?:^|[\s({])[.$](?=[\s)|}])/
const OPTIONS = { numbers: 'plain' } as const

/** Expands with data that lack what only a run brings. */
export class Drafts {
  readonly data: JsonObject
  readonly #ended: ReadonlySet<string>
  readonly #templates = createTemplates()

  /** @param ended the steps of which `data` have all */
  constructor(data: JsonObject, ended: ReadonlySet<string>) {
    this.data = data
    this.#ended = ended
  }

  isKnown(text: string): boolean {
    return this.#unknown(text).length === 0
  }

  /** @throws Error where a template fails over what is known */
  of(value: unknown): Draft {
    const waitsFor = new Set<string>()
    return { value: this.#walk(value, { waitsFor, path: [] }), waitsFor: [...waitsFor] }
  }

  #walk(value: unknown, { waitsFor, path }: Walk): unknown {
    if (typeof value === 'string') return placed(path, () => this.#text(value, waitsFor))
    if (typeof value !== 'object' || value === null) return value
    const walk = (member: unknown, key: string | number) =>
      this.#walk(member, { waitsFor, path: [...path, key] })
    if (Array.isArray(value)) return value.map(walk)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member, key)]))
  }

  #text(text: string, waitsFor: Set<string>): unknown {
    const unknown = this.#unknown(text)
    if (unknown.length === 0) return this.#templates.expand(text, this.data)
    for (const path of unknown) waitsFor.add(path)
    return this.#pieces(text)
  }

  /** Action by action, where each stands for itself. */
  #pieces(text: string): string {
    if (text.includes('{{-') || text.includes('-}}')) return text
    const actions = text.match(ACTION) ?? []
    if (!actions.every(standsAlone)) return text
    return text.replaceAll(ACTION, (action) =>
      this.isKnown(action) ? parseTemplate(action).render(this.data, OPTIONS) : action,
    )
  }

  #unknown(text: string): string[] {
    if (!text.includes('{{')) return []
    const paths = parseTemplate(text)
      .references()
      .filter((reference) => !this.#knows(reference))
      .map(({ path }) => path.join('.'))
    return paths.length === 0 && WHOLE.test(text) ? ['.'] : paths
  }

  #knows({ path: [root, step] }: Reference): boolean {
    if (root === 'steps') return step !== undefined && this.#ended.has(step)
    return root !== 'workflow' && root !== 'forEach'
  }
}

interface Walk {
  readonly waitsFor: Set<string>
  readonly path: readonly (string | number)[]
}

/** Says where in the value a template fails. */
function placed<T>(path: Walk['path'], work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (path.length === 0) throw cause
    throw new Error(`${path.join('.')}: ${(cause as Error).message}`, { cause })
  }
}

/** No part of a block, and without variables. */
function standsAlone(action: string): boolean {
  if (action.includes(':=')) return false
  try {
    parseTemplate(action)
    return true
  } catch {
    return false
  }
}
