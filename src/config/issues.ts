import type { z } from 'zod'
import type { Finding } from './diagnostics.ts'
import type { Path } from './path.ts'
import type { KnownKeys } from './schema/known-keys.ts'
import { didYouMean } from './similar.ts'

type Issue = z.core.$ZodIssue

interface Context {
  readonly keys: KnownKeys
  readonly value: (path: Path) => unknown
}

/** Says in the user's terms what the schema found. */
export function explainIssue(issue: Issue, context: Context): Finding[] {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, context))
  const found = context.value(path)
  if (found === undefined) return [{ severity: 'error', path, message: `required: ${expectation(issue)}` }]
  return [{ severity: 'error', path, ...explain(issue, found) }]
}

function unknownKey(path: Path, key: string, { keys, value }: Context): Finding {
  const hint = keys.advice(path, key, value(path))
  return { severity: 'error', path: [...path, key], part: 'key', message: 'unknown key', hint }
}

function explain(issue: Issue, found: unknown): { message: string; hint?: string | undefined } {
  switch (issue.code) {
    case 'invalid_type':
      return explainType(issue, found)
    case 'invalid_value':
      return oneOf(issue.values.map(String), found)
    case 'invalid_union':
      return optionsOf(issue) ? oneOf(optionsOf(issue) ?? [], found) : { message: expectation(issue) }
    case 'invalid_key':
      return { message: `not a possible name: ${issue.issues[0]?.message ?? issue.message}` }
    case 'too_small':
      return { message: expectation(issue) }
    case 'too_big':
      return { message: expectation(issue) }
    default:
      return { message: issue.message }
  }
}

function explainType(
  issue: z.core.$ZodIssueInvalidType,
  found: unknown,
): { message: string; hint?: string | undefined } {
  if (!issue.message.startsWith('Invalid input')) return { message: issue.message }
  const message = `${expectation(issue)}, found ${typeName(found)}`
  const scalar = typeof found === 'number' || typeof found === 'boolean'
  return issue.expected === 'string' && scalar
    ? { message, hint: `put it in quotes: "${found}"` }
    : { message }
}

function oneOf(allowed: readonly string[], found: unknown): { message: string; hint?: string | undefined } {
  const shown = typeof found === 'string' ? JSON.stringify(found.slice(0, 40)) : typeName(found)
  const message = `expected ${choice(allowed)}, found ${shown}`
  return typeof found === 'string' ? { message, hint: didYouMean(found, allowed) } : { message }
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${withArticle(issue.expected)}`
    case 'invalid_value':
      return `expected ${choice(issue.values.map(String))}`
    case 'invalid_union':
      return optionsOf(issue) ? `expected ${choice(optionsOf(issue) ?? [])}` : 'expected text or a number'
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}`
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`
    default:
      return issue.message
  }
}

/** The kinds that a block may be of; `undefined` when the union is not one of kinds. */
function optionsOf(issue: Issue): readonly string[] | undefined {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : undefined
}

function choice(allowed: readonly string[]): string {
  const shown = allowed.map((value) => (value === '' ? '""' : value))
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(', ')}`
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

function withArticle(expected: string): string {
  return WORDS[expected] ?? expected
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'boolean') return String(value)
  return WORDS[typeof value] ?? typeof value
}
