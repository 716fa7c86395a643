import type { Key } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { confirm, isCancel, multiselect, select, text } from '@clack/prompts'
import type { JsonObject } from '../../core/catalog.ts'
import { printable } from '../../observe/printable.ts'
import type { Reply } from '../../operator/run.ts'
import { problemOf } from '../../workflows/arguments.ts'

/** A field of a form (MCP 2025-11-25, client/elicitation, Requested Schema). */
interface Field {
  readonly name: string
  readonly schema: JsonObject
  readonly required: boolean
}

const CANCELLED = Symbol('cancelled')

/** Where it is asked, and until when. */
export interface Asking {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
}

/**
 * Asks on a terminal, field by field. Esc and Ctrl-C cancel.
 * @param interrupted at Ctrl-C, which is no signal while a prompt reads the keys
 */
export async function askByPrompts(
  message: string,
  schema: JsonObject,
  { interrupted, ...asking }: Asking & { readonly interrupted: () => void },
): Promise<Reply> {
  const onKey = (_: unknown, key: Key | undefined) => {
    if (key?.ctrl === true && key.name === 'c') interrupted()
  }
  asking.input.on('keypress', onKey)
  try {
    return await askAll(message, schema, asking)
  } finally {
    asking.input.off('keypress', onKey)
  }
}

async function askAll(message: string, schema: JsonObject, asking: Asking): Promise<Reply> {
  const fields = fieldsOf(schema)
  const action = await select({
    message: message.trim().split('\n').map(printable).join('\n'),
    options: [
      { value: 'accept' as const, label: fields.length === 0 ? 'Yes' : 'Answer' },
      { value: 'decline' as const, label: fields.length === 0 ? 'No' : 'Decline' },
    ],
    ...asking,
  })
  if (isCancel(action)) return { action: 'cancel' }
  if (action === 'decline') return { action }
  const content: Record<string, unknown> = {}
  for (const field of fields) {
    const value = await askField(field, asking)
    if (value === CANCELLED) return { action: 'cancel' }
    if (value !== undefined) content[field.name] = value
  }
  return { action, content }
}

function fieldsOf({ properties, required }: JsonObject): Field[] {
  const needed = Array.isArray(required) ? required : []
  return Object.entries((properties ?? {}) as Readonly<Record<string, JsonObject>>).map(([name, schema]) => ({
    name,
    schema,
    required: needed.includes(name),
  }))
}

/** `undefined` leaves it out. */
async function askField(field: Field, asking: Asking): Promise<unknown> {
  const answer = await promptFor(field, { ...asking, message: labelOf(field) })
  return isCancel(answer) ? CANCELLED : answer
}

interface Common extends Asking {
  readonly message: string
}

function promptFor({ schema, required }: Field, common: Common): Promise<unknown> {
  const choices = choicesOf(schema)
  if (choices !== undefined) {
    const none = required ? [] : [{ value: undefined, label: '(none)' }]
    return select<unknown>({ ...common, options: [...none, ...choices], initialValue: schema['default'] })
  }
  const many = schema['type'] === 'array' ? choicesOf((schema['items'] ?? {}) as JsonObject) : undefined
  if (many !== undefined) return multiselect<unknown>({ ...common, options: many, required })
  if (schema['type'] === 'boolean') return confirm({ ...common, initialValue: schema['default'] === true })
  return typed(schema, required, common)
}

async function typed(schema: JsonObject, required: boolean, common: Common): Promise<unknown> {
  const given = schema['default']
  const answer = await text({
    ...common,
    ...(given !== undefined && { initialValue: String(given) }),
    validate(line = '') {
      if (line === '') return required ? 'an answer is needed' : undefined
      return problemOf(schema, read(line, schema))
    },
  })
  if (isCancel(answer)) return answer
  return answer === '' || answer === undefined ? undefined : read(answer, schema)
}

function read(line: string, { type }: JsonObject): unknown {
  return (type === 'integer' || type === 'number') && line.trim() !== '' ? Number(line) : line
}

interface Choice {
  readonly value: string
  readonly label: string
}

/** `enum` with or without `enumNames`, or `oneOf` or `anyOf` of titles. */
function choicesOf(schema: JsonObject): Choice[] | undefined {
  const titled = schema['oneOf'] ?? schema['anyOf']
  if (Array.isArray(titled)) {
    const all = titled as { readonly const: string; readonly title?: string }[]
    return all.map(({ const: value, title = value }) => ({ value, label: printable(title) }))
  }
  if (!Array.isArray(schema['enum'])) return undefined
  const names = Array.isArray(schema['enumNames']) ? (schema['enumNames'] as unknown[]) : []
  return schema['enum'].map((value: string, at) => ({ value, label: printable(String(names[at] ?? value)) }))
}

function labelOf({ name, schema, required }: Field): string {
  const { title = name, description } = schema
  const about = typeof description === 'string' ? ` – ${description}` : ''
  return printable(`${String(title)}${about}${required ? '' : ' (optional)'}`)
}
