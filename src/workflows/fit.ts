import { dataSchema, type LoopFacts, type StepFacts } from '../config/composite-data.ts'
import { itemOf } from '../config/rules/scope.ts'
import { didYouMean } from '../config/similar.ts'
import type { Catalog, JsonObject } from '../core/catalog.ts'
import type { CompositeCall, CompositeStep, CompositeToolConfig } from '../core/composite.ts'
import { isObject } from '../core/json.ts'
import { schemaReader } from '../engines/schema/index.ts'
import {
  lookUp,
  mayFit,
  parseTemplate,
  type Types,
  typesOf,
  typesOfSchema,
} from '../engines/template/index.ts'
import { coerce } from '../engines/workflow/index.ts'
import { stepToolsOf } from './step-tools.ts'

/** What of a composite tool cannot go well with the tools that it calls. */
export interface Misfit {
  /** From the composite tool on: `steps`, 0, `arguments`, … */
  readonly path: readonly (string | number)[]
  /** Whether the key is at fault, or (the default) its value. */
  readonly part?: 'key'
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint?: string | undefined
}

/** What the arguments of the steps have that the tools of a catalogue, hidden ones included, will not take. */
export function misfitsOf(config: CompositeToolConfig, catalog: Catalog): readonly Misfit[] {
  const tools = stepToolsOf(catalog)
  const schemaOf = (call: CompositeCall, key: 'inputSchema' | 'outputSchema') => {
    const schema: unknown = tools.find(call.tool)?.definition[key]
    return isObject(schema) ? schema : undefined
  }
  const facts = config.steps.map((step) =>
    factsOf(step, step.type === 'tool' ? schemaOf(step, 'outputSchema') : undefined),
  )
  const data = dataSchema(config.parameters, facts)
  return config.steps.flatMap((step, at) => [
    ...absences(step, at, data),
    ...callsOf(step, at, { data, config, facts }).flatMap(({ call, path, data: seen }) => {
      const schema = schemaOf(call, 'inputSchema')
      if (schema === undefined) return []
      return new Fit(schema, seen, call.tool).call(call.arguments ?? {}, [...path, 'arguments'])
    }),
  ])
}

function factsOf(step: CompositeStep, output: JsonObject | undefined): StepFacts {
  const { id, type, defaultResults } = step
  const skippable = (step.condition ?? '') !== '' || step.onError?.action === 'continue'
  const schema = step.type === 'elicitation' ? step.schema : undefined
  return { id, type, skippable, defaultResults, schema, output }
}

interface Placed {
  readonly call: CompositeCall
  readonly path: Misfit['path']
  /** The schema of what its templates see. */
  readonly data: JsonObject
}

function callsOf(
  step: CompositeStep,
  at: number,
  { data, config, facts }: { data: JsonObject; config: CompositeToolConfig; facts: readonly StepFacts[] },
): Placed[] {
  if (step.type === 'tool') return [{ call: step, path: ['steps', at], data }]
  if (step.type === 'elicitation') return []
  const loop: LoopFacts = { itemVar: step.itemVar || 'item', item: itemOf(step.collection, data) }
  return [{ call: step.step, path: ['steps', at, 'step'], data: dataSchema(config.parameters, facts, loop) }]
}

/** References to what the results of a tool never have, by its own output schema. */
function absences(step: CompositeStep, at: number, data: JsonObject): Misfit[] {
  if (step.type !== 'tool') return []
  return textsIn(step.arguments ?? {}, ['steps', at, 'arguments']).flatMap(({ text, path }) =>
    parseTemplate(text)
      .references()
      .flatMap(({ path: reference, inDefault }): Misfit[] => {
        const looked = lookUp(reference, data)
        if (looked.found !== undefined || inDefault || looked.at[0] !== 'steps') return []
        const { at: parent, key, names } = looked
        const message = `.${parent.join('.')} has no ${key}, by the output schema of its tool`
        return [{ path, severity: 'warning', message, hint: didYouMean(key, names) }]
      }),
  )
}

function textsIn(value: unknown, path: Misfit['path']): { text: string; path: Misfit['path'] }[] {
  if (typeof value === 'string') return value.includes('{{') ? [{ text: value, path }] : []
  if (typeof value !== 'object' || value === null) return []
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  return entries.flatMap(([key, member]) => textsIn(member, [...path, key]))
}

/** Judges arguments by the input schema of one tool. */
class Fit {
  readonly #root: JsonObject
  readonly #data: JsonObject
  readonly #tool: string
  readonly #read = schemaReader()

  constructor(root: JsonObject, data: JsonObject, tool: string) {
    this.#root = root
    this.#data = data
    this.#tool = tool
  }

  call(given: JsonObject, path: Misfit['path']): Misfit[] {
    return this.#members(given, this.#root, { path, of: `'${this.#tool}'` })
  }

  #members(
    given: JsonObject,
    schema: JsonObject,
    { path, of }: { path: Misfit['path']; of: string },
  ): Misfit[] {
    const properties = isObject(schema['properties']) ? schema['properties'] : {}
    const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
    const missing = required.filter((name) => !Object.hasOwn(given, name) && !hasDefault(properties[name]))
    return [
      ...missing.map(
        (name): Misfit => ({
          path,
          part: 'key',
          severity: 'error',
          message: `${of} needs ${JSON.stringify(name)}`,
        }),
      ),
      ...Object.entries(given).flatMap(([name, value]) => {
        const place = [...path, name]
        const of = Object.hasOwn(properties, name) ? properties[name] : undefined
        if (isObject(of)) return this.#value(value, of, place)
        return of === undefined && isClosed(schema)
          ? [this.#unknown(name, place, Object.keys(properties))]
          : []
      }),
    ]
  }

  #unknown(name: string, path: Misfit['path'], names: readonly string[]): Misfit {
    const hint = didYouMean(name, names) ?? (names.length === 0 ? undefined : `it takes ${names.join(', ')}`)
    return {
      path,
      part: 'key',
      severity: 'error',
      message: `'${this.#tool}' does not take ${JSON.stringify(name)}`,
      hint,
    }
  }

  #value(value: unknown, schema: JsonObject, path: Misfit['path']): Misfit[] {
    if (typeof value === 'string' && value.includes('{{')) return this.#template(value, schema, path)
    if (textsIn(value, []).length === 0) return this.#literal(value, schema, path)
    const wanted = typesOfSchema(schema, this.#root)
    const own: Types = new Set([Array.isArray(value) ? 'array' : 'object'])
    if (!mayFit(own, wanted)) return [misfit(own, wanted, path)]
    if (isObject(value)) return this.#members(value, schema, { path, of: path.slice(3).join('.') })
    const items = schema['items']
    if (!Array.isArray(value) || !isObject(items)) return []
    return value.flatMap((item, at) => this.#value(item, items, [...path, at]))
  }

  #template(text: string, schema: JsonObject, path: Misfit['path']): Misfit[] {
    const given = typesOf(text, this.#data)
    const wanted = typesOfSchema(schema, this.#root)
    return mayFit(given, wanted) ? [] : [misfit(given, wanted, path)]
  }

  #literal(value: unknown, schema: JsonObject, path: Misfit['path']): Misfit[] {
    const { $defs, definitions } = this.#root
    try {
      const whole = {
        ...($defs !== undefined && { $defs }),
        ...(definitions !== undefined && { definitions }),
        ...schema,
      }
      const checked = this.#read(whole).check(coerce(value, whole))
      return checked.ok
        ? []
        : [{ path, severity: 'error', message: `'${this.#tool}' does not take this: ${checked.problem}` }]
    } catch {
      // A schema that cannot be read on its own judges nothing here.
      return []
    }
  }
}

function misfit(given: Types, wanted: Types, path: Misfit['path']): Misfit {
  const names = (types: Types) => [...(types ?? [])].join(' or ')
  const message = `can never fit: it is ${names(given)}, and ${names(wanted)} is wanted`
  const isText = wanted?.has('string') === true
  return { path, severity: 'error', message, hint: isText ? 'json, or print, makes text of it' : undefined }
}

function isClosed(schema: JsonObject): boolean {
  return schema['additionalProperties'] === false && schema['patternProperties'] === undefined
}

function hasDefault(schema: unknown): boolean {
  return isObject(schema) && schema['default'] !== undefined
}
