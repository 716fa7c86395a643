import type { z } from 'zod'
import { isObject } from '../core/json.ts'
import type { Finding } from './diagnostics.ts'
import { explainIssue } from './issues.ts'
import { formatPath, type Path } from './path.ts'
import { jsonSchema } from './schema/json-schema.ts'
import { knownKeys } from './schema/known-keys.ts'
import { type ConfigInput, configSchema } from './schema/root.ts'
import { below, constants, type JsonSchema, variants } from './schema/shape.ts'

type Issue = z.core.$ZodIssue

export interface SchemaCheck {
  /** With defaults; absent when there are findings. */
  readonly input: ConfigInput | undefined
  readonly findings: readonly Finding[]
}

/** Judges the shape of a document. */
export function checkSchema(document: unknown): SchemaCheck {
  const result = configSchema.safeParse(document)
  if (result.success) return { input: result.data, findings: [] }
  const schema = jsonSchema()
  const issues = allIssues(document, result.error.issues, schema)
  const context = { keys: knownKeys(schema, document), value: (path: Path) => valueAt(document, path) }
  return { input: undefined, findings: issues.flatMap((issue) => explainIssue(issue, context)) }
}

/**
 * Where a block does not say what kind it is, its other keys are judged as the kind that they fit best, so that
 * one wrong `type` does not hide the rest.
 */
function allIssues(document: unknown, issues: readonly Issue[], schema: JsonSchema): Issue[] {
  const undecided = issues.filter(isUndecided).map((issue) => issue.path.slice(0, -1) as Path)
  if (undecided.length === 0) return [...issues]
  const guessed = structuredClone(document)
  for (const path of undecided) guessKind(guessed, path, schema)
  const second = configSchema.safeParse(guessed)
  const blocks = new Set(undecided.map(formatPath))
  const known = new Set(issues.map(identity))
  const further = (second.error?.issues ?? []).filter(
    (issue) => !isUndecided(issue) && !known.has(identity(issue)) && liesIn(blocks, issue.path as Path),
  )
  return [...issues, ...further]
}

function isUndecided(issue: Issue): boolean {
  return issue.code === 'invalid_union' && issue.discriminator !== undefined && issue.errors.length === 0
}

function identity(issue: Issue): string {
  return `${issue.code} ${formatPath(issue.path as Path)}`
}

function liesIn(blocks: ReadonlySet<string>, path: Path): boolean {
  return (
    path.some((_, length) => blocks.has(formatPath(path.slice(0, length)))) || blocks.has(formatPath(path))
  )
}

function guessKind(document: unknown, path: Path, schema: JsonSchema): void {
  const { nodes, value } = descend(document, path, schema)
  if (!isObject(value)) return
  const keys = Object.keys(value)
  const score = ({ properties = {} }: JsonSchema) =>
    keys.filter((key) => Object.hasOwn(properties, key)).length
  const options = nodes.flatMap((node) => variants(schema, node))
  const [best] = [...options].sort((a, b) => score(b) - score(a))
  const [constant] = best ? constants(best) : []
  if (constant) Object.assign(value, { [constant[0]]: constant[1][0] })
}

function descend(
  document: unknown,
  path: Path,
  schema: JsonSchema,
): { nodes: readonly JsonSchema[]; value: unknown } {
  let nodes: readonly JsonSchema[] = [schema]
  let value = document
  for (const segment of path) {
    const fitting = nodes.flatMap((node) => variants(schema, node, value))
    nodes = below(schema, fitting, segment)
    value = member(value, segment)
  }
  return { nodes, value }
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(member, document)
}

function member(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
