import type { z } from 'zod'
import type { Finding } from './diagnostics.ts'
import { explainIssue } from './issues.ts'
import { formatPath, isWithin, type Path } from './path.ts'
import { jsonSchema } from './schema/json-schema.ts'
import { knownKeys } from './schema/known-keys.ts'
import { type ConfigInput, configSchema } from './schema/root.ts'
import { below, constants, isRecord, type JsonSchema, variants } from './schema/shape.ts'

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
  const issues = allIssues(document, result.error.issues)
  const context = { keys: knownKeys(jsonSchema(), document), value: (path: Path) => valueAt(document, path) }
  return { input: undefined, findings: issues.flatMap((issue) => explainIssue(issue, context)) }
}

/** A key without a value says nothing, as in an emptied block: it counts as absent. The user's own maps keep theirs. */
export function withoutNulls(value: unknown, nodes: readonly JsonSchema[] = [jsonSchema()]): unknown {
  const fitting = nodes.flatMap((node) => variants(jsonSchema(), node, value))
  const convert = (member: unknown, key: string | number) =>
    withoutNulls(member, below(jsonSchema(), fitting, key))
  if (Array.isArray(value)) return value.map(convert)
  if (!isRecord(value)) return value
  const isKey = (key: string) =>
    fitting.some(({ properties }) => properties && Object.hasOwn(properties, key))
  const kept = Object.entries(value).filter(([key, member]) => member !== null || !isKey(key))
  return Object.fromEntries(kept.map(([key, member]) => [key, convert(member, key)]))
}

/**
 * Where a block does not say what kind it is, its other keys are judged as the kind that they fit best, so that
 * one wrong `type` does not hide the rest.
 */
function allIssues(document: unknown, issues: readonly Issue[]): Issue[] {
  const undecided = issues.filter(isUndecided).map((issue) => issue.path.slice(0, -1) as Path)
  if (undecided.length === 0) return [...issues]
  const guessed = structuredClone(document)
  for (const path of undecided) guessKind(guessed, path)
  const second = configSchema.safeParse(guessed)
  const further = (second.error?.issues ?? []).filter(
    (issue) => !isUndecided(issue) && undecided.some((path) => isWithin(issue.path as Path, path)),
  )
  const known = new Set(issues.map(identity))
  return [...issues, ...further.filter((issue) => !known.has(identity(issue)))]
}

function isUndecided(issue: Issue): boolean {
  return issue.code === 'invalid_union' && issue.discriminator !== undefined && issue.errors.length === 0
}

function identity(issue: Issue): string {
  return `${issue.code} ${formatPath(issue.path as Path)}`
}

function guessKind(document: unknown, path: Path): void {
  let nodes: readonly JsonSchema[] = [jsonSchema()]
  let value = document
  for (const segment of path) {
    const fitting = nodes.flatMap((node) => variants(jsonSchema(), node, value))
    nodes = below(jsonSchema(), fitting, segment)
    value = member(value, segment)
  }
  if (!isRecord(value)) return
  const keys = Object.keys(value)
  const score = (option: JsonSchema) =>
    keys.filter((key) => option.properties && Object.hasOwn(option.properties, key)).length
  const options = nodes.flatMap((node) => variants(jsonSchema(), node))
  const [best] = [...options].sort((a, b) => score(b) - score(a))
  const [constant] = best ? constants(best) : []
  if (constant) Object.assign(value, { [constant[0]]: constant[1][0] })
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(member, document)
}

function member(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
