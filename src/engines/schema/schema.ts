import { createRequire } from 'node:module'
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { FORMATS } from './formats.ts'

export type Checked =
  /** A copy of the value with the schema's defaults filled in. */
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

export interface Schema {
  check(value: unknown): Checked
}

/** @throws GatewayError `config` when it is no JSON Schema, or refers to what is not in it */
export type ReadSchema = (schema: JsonObject) => Schema

/** The library is loaded when the first schema is read: most servers have none, and start faster without. */
export function schemaReader(): ReadSchema {
  let ajv: Ajv2020 | undefined
  return (schema) => {
    ajv ??= createAjv()
    const validate = compile(schema, ajv)
    return { check: (value) => checked(structuredClone(value), validate) }
  }
}

function createAjv(): Ajv2020 {
  const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  // Keywords that are unknown are notes; the first error is enough, and bounds the work.
  return new Ajv2020({
    strict: false,
    useDefaults: true,
    ownProperties: true,
    logger: false,
    formats: FORMATS,
  })
}

/** Read as 2020-12 whatever it says it is, and on its own whatever its id. */
function compile({ $schema: _, $id: __, ...schema }: JsonObject, ajv: Ajv2020): ValidateFunction {
  if (ajv.validateSchema(schema) !== true) throw unreadable(said(ajv.errors?.at(0)))
  try {
    return ajv.compile(schema)
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function unreadable(why: string, cause?: unknown): GatewayError {
  return new GatewayError('config', `not a JSON Schema: ${why}`, { cause })
}

function checked(value: unknown, validate: ValidateFunction): Checked {
  try {
    // Of alternatives the last error sums up the others.
    return validate(value) ? { ok: true, value } : { ok: false, problem: said(validate.errors?.at(-1)) }
  } catch (error) {
    // A schema that refers to itself without end.
    if (error instanceof RangeError) return { ok: false, problem: 'nested too deeply to be checked' }
    throw error
  }
}

/** What is wrong where, without a word of the value. */
function said(error: ErrorObject | undefined): string {
  if (error === undefined) return 'invalid'
  const path = error.instancePath.split('/').slice(1).map(unescaped)
  const [more, what] = sentence(error)
  const place = [...path, ...more].join('.')
  return place === '' ? what : `${place}: ${what}`
}

/** A step further into the value, and what is wrong there. */
function sentence({ keyword, params, message = 'invalid' }: ErrorObject): [string[], string] {
  switch (keyword) {
    case 'required':
      return [[String(params['missingProperty'])], 'required']
    case 'additionalProperties':
      return [[String(params['additionalProperty'])], 'not allowed here']
    case 'enum':
      return [[], `must be one of ${listed(params['allowedValues'])}`]
    case 'const':
      return [[], `must be ${JSON.stringify(params['allowedValue'])}`]
    case 'anyOf':
    case 'oneOf':
      return [[], `must fit ${keyword === 'anyOf' ? 'one' : 'exactly one'} of the alternatives`]
    default:
      return [[], message]
  }
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(', ') : ''
}

/** RFC 6901 §4 */
function unescaped(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}
