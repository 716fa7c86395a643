import { type CompiledTemplate, compileTemplate } from './template.ts'

const MAX_ENTRIES = 1000
/** Of the texts of all entries together, in UTF-16 units. */
const MAX_TEXT = 1024 * 1024

/** Parsed templates by their text; the least recently used goes first. */
export class TemplateCache {
  /** In the order of use, the latest last. */
  readonly #entries = new Map<string, CompiledTemplate>()
  #size = 0

  /** @throws TemplateError; failures are not kept */
  get(text: string): CompiledTemplate {
    const known = this.#entries.get(text)
    if (known === undefined) return this.#add(text, compileTemplate(text))
    this.#entries.delete(text)
    this.#entries.set(text, known)
    return known
  }

  #add(text: string, template: CompiledTemplate): CompiledTemplate {
    this.#entries.set(text, template)
    this.#size += text.length
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= MAX_TEXT && this.#entries.size <= MAX_ENTRIES) break
      this.#entries.delete(oldest)
      this.#size -= oldest.length
    }
    return template
  }
}
