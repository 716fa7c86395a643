import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { isWithinDepth, kindOf, textOf } from './json.ts'
import { LIMITS } from './limits.ts'
import type { OutputProperty, OutputSpec, OutputType } from './model.ts'
import type { Templates } from './ports.ts'
import { parseBoolean, parseInteger, parseNumber } from './scalar.ts'
import type { TemplateData } from './scope.ts'

export interface OutputSource {
  readonly templates: Templates
  readonly data: TemplateData
  /** A run that was cut short leaves out what it cannot compute, except what is required. */
  readonly partial: boolean
}

/** @throws GatewayError `config` that names the property which has no value of its type */
export function buildOutput(spec: OutputSpec, source: OutputSource): JsonObject {
  return buildObject(spec, source, ['output'])
}

type Path = readonly string[]

function buildObject(spec: OutputSpec, source: OutputSource, path: Path): JsonObject {
  if (path.length > LIMITS.outputDepth) {
    throw fault(path, `nests deeper than ${LIMITS.outputDepth} levels`)
  }
  const members: [string, unknown][] = []
  for (const [key, property] of Object.entries(spec.properties)) {
    const required = spec.required?.includes(key) ?? false
    const value = resolve(property, required, { source, path: [...path, key] })
    if (value !== undefined) members.push([key, value])
    else if (required) throw fault([...path, key], 'is required and has no value')
  }
  return Object.fromEntries(members)
}

interface Position {
  readonly source: OutputSource
  readonly path: Path
}

/** `undefined` is no value at all. */
function resolve(property: OutputProperty, required: boolean, { source, path }: Position): unknown {
  try {
    return compute(property, { source, path }) ?? property.default
  } catch (error) {
    if (property.default !== undefined) return property.default
    if (source.partial && !required) return undefined
    throw error
  }
}

function compute(property: OutputProperty, { source, path }: Position): unknown {
  const { properties } = property
  if (properties !== undefined) {
    return buildObject({ properties, required: property.required }, source, path)
  }
  try {
    const value = source.templates.expand(property.value, source.data)
    return isMissing(value) ? undefined : CONVERT[property.type](value)
  } catch (cause) {
    throw fault(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** `<no value>` is what Go templates render for a missing key. */
function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === '<no value>'
}

const CONVERT: Readonly<Record<OutputType, (value: unknown) => unknown>> = {
  string: textOf,
  integer: (value) => scalar(value, 'an integer', Number.isInteger, parseInteger),
  number: (value) => scalar(value, 'a number', Number.isFinite, parseNumber),
  boolean: (value) => scalar(value, 'a boolean', (each) => typeof each === 'boolean', parseBoolean),
  object: (value) => structure(value, 'an object', isObject),
  array: (value) => structure(value, 'an array', Array.isArray),
}

function scalar(
  value: unknown,
  kind: string,
  fits: (value: unknown) => boolean,
  parse: (text: string) => unknown,
): unknown {
  const found = typeof value === 'string' ? parse(value) : value
  if (found !== undefined && fits(found)) return found
  throw new Error(`expected ${kind}, got ${describe(value)}`)
}

function structure(value: unknown, kind: string, fits: (value: unknown) => boolean): unknown {
  const found = typeof value === 'string' ? parsed(value, kind) : value
  if (fits(found)) return found
  throw new Error(`expected ${kind} or its JSON text, got ${kindOf(found)}`)
}

function parsed(text: string, kind: string): unknown {
  if (text.length > LIMITS.jsonCharacters) throw new Error('the JSON text is too long')
  const value = parseOr(text, () => new Error(`expected ${kind} or its JSON text, got ${describe(text)}`))
  if (!isWithinDepth(value, LIMITS.jsonDepth)) throw new Error('the JSON text nests too deeply')
  return value
}

function parseOr(text: string, otherwise: () => Error): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw otherwise()
  }
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : kindOf(value)
}

function fault(path: Path, what: string, cause?: unknown): GatewayError {
  return new GatewayError('config', `${path.join('.')}: ${what}`, { cause })
}
