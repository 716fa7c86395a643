import { createExpander, parseTemplate, type Template, TemplateError } from '../../engines/template/index.ts'
import type { Templates } from '../../engines/workflow/index.ts'

/** Numbers are written as JSON writes them: ids of eight digits are no powers of ten. */
const OPTIONS = { numbers: 'plain' } as const

const LITERALS: ReadonlyMap<unknown, boolean> = new Map(
  [true, 'true', 'True', 'TRUE', false, 'false', 'False', 'FALSE'].map((text) => [
    text,
    String(text).toLowerCase() === 'true',
  ]),
)
const SHOWN = 80

/** Templates of the configuration, each read once. */
export function createTemplates(): Templates {
  const expand = createExpander()
  const conditions = new Map<string, Template>()
  const read = (condition: string): Template => {
    const known = conditions.get(condition) ?? parseTemplate(condition)
    conditions.set(condition, known)
    return known
  }
  return {
    expand: (value, data) => placed(() => expand(value, data, OPTIONS)),
    test(condition, data) {
      const said = read(condition).test(data, OPTIONS)
      const verdict = LITERALS.get(typeof said === 'string' ? said.trim() : said)
      if (verdict !== undefined) return verdict
      const shown = (JSON.stringify(said) ?? 'nothing').slice(0, SHOWN)
      throw new Error(`'${condition}' rendered ${shown}, expected true or false`)
    },
  }
}

/** Says where in the value the template stands. */
function placed<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof TemplateError) || cause.where.length === 0) throw cause
    throw new Error(`${cause.where.join('.')}: ${cause.message}`, { cause })
  }
}
