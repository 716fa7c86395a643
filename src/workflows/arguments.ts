import type { JsonObject } from '../core/catalog.ts'
import type { CompositeToolConfig } from '../core/composite.ts'
import { schemaReader } from '../engines/schema/index.ts'
import { coerce } from '../engines/workflow/index.ts'

/**
 * Arguments as somebody types them: texts by name, which become the numbers, booleans, lists and objects that the
 * parameters ask for, and win over those of `given`. Nothing is checked.
 */
export function typedArguments(
  { parameters }: Pick<CompositeToolConfig, 'parameters'>,
  texts: Readonly<Record<string, string>>,
  given: JsonObject = {},
): JsonObject {
  const typed = Object.entries(coerce(texts, parameters) as JsonObject).map(([name, value]) => [
    name,
    structured(value, name, parameters),
  ])
  return { ...given, ...Object.fromEntries(typed) }
}

/** JSON text of a list or an object, where nothing says that a text would do. */
function structured(value: unknown, name: string, parameters: JsonObject | undefined): unknown {
  const properties = parameters?.['properties'] as Readonly<Record<string, { type?: unknown }>> | undefined
  const types = [properties?.[name]?.type].flat()
  if (typeof value !== 'string' || !(types.includes('array') || types.includes('object'))) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

export type CheckedArguments =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly problem: string }

/** As a call of the composite tool is checked, with the defaults filled in. */
export function checkedArguments({ parameters }: CompositeToolConfig, given: JsonObject): CheckedArguments {
  return schemaReader()({ ...parameters, type: 'object' }).check(given) as CheckedArguments
}

/** What is wrong with a value under a schema; `undefined` where nothing is. @throws GatewayError `config` */
export function problemOf(schema: JsonObject, value: unknown): string | undefined {
  const checked = schemaReader()(schema).check(value)
  return checked.ok ? undefined : checked.problem
}
