import type { JsonObject } from '../../core/catalog.ts'
import { withDefaults } from './defaults.ts'
import { inspect } from './inspect.ts'
import { type Problem, validate } from './validate.ts'

const MOST_PROBLEMS = 5

export type Checked =
  /** `value` with the schema's defaults filled in. */
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

export interface Schema {
  check(value: unknown): Checked
}

/** @throws GatewayError `config` when there is something in it that cannot be obeyed */
export function parseSchema(schema: JsonObject): Schema {
  inspect(schema)
  return {
    check(given) {
      const value = withDefaults(given, schema)
      const problems = validate(value, schema)
      return problems.length === 0 ? { ok: true, value } : { ok: false, problem: list(problems) }
    },
  }
}

function list(problems: readonly Problem[]): string {
  const shown = problems
    .slice(0, MOST_PROBLEMS)
    .map(({ path, what }) => (path.length === 0 ? what : `${path.join('.')}: ${what}`))
  const more = problems.length - shown.length
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ')
}
