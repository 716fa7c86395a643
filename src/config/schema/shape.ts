import { isObject } from '../../core/json.ts'
/** As much of JSON Schema as the configuration's own schema uses. */
export interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly format?: string
}

/** Follows `$ref`, which here only points into the document itself. */
export function deref(root: JsonSchema, node: JsonSchema): JsonSchema {
  if (node.$ref === undefined) return node
  const name = node.$ref.replace(/^#\/\$defs\//, '')
  return root.$defs?.[name] ?? {}
}

/** The alternatives that a value may be meant as: those whose constants it has, or all when none fits. */
export function variants(root: JsonSchema, node: JsonSchema, value?: unknown): readonly JsonSchema[] {
  const own = deref(root, node)
  const options = (own.oneOf ?? own.anyOf)?.map((option) => deref(root, option))
  if (options === undefined) return [own]
  const fitting = options.filter((option) => fits(option, value))
  return fitting.length > 0 ? fitting : options
}

function fits(option: JsonSchema, value: unknown): boolean {
  if (!isObject(value)) return false
  return constants(option).some(([key, allowed]) => allowed.includes(value[key]))
}

/** The members that tell an alternative from the others, and the values they may have there. */
export function constants(option: JsonSchema): [string, readonly unknown[]][] {
  const required = Object.entries(option.properties ?? {}).filter(([key]) => option.required?.includes(key))
  return required.flatMap(([key, { const: only, enum: some }]): [string, readonly unknown[]][] => {
    if (only !== undefined) return [[key, [only]]]
    return some === undefined ? [] : [[key, some]]
  })
}

/** What the schema says of a member or an item. */
export function below(root: JsonSchema, nodes: readonly JsonSchema[], key: string | number): JsonSchema[] {
  return nodes
    .flatMap((node) => {
      if (typeof key === 'number') return node.items ?? []
      if (node.properties && Object.hasOwn(node.properties, key)) return node.properties[key] ?? []
      return typeof node.additionalProperties === 'object' ? node.additionalProperties : []
    })
    .map((node) => deref(root, node))
}
