import { createRequire } from 'node:module'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { type AstFault, faultIn, type Parsed, patternsIn } from './ast.ts'
import { toCel } from './values.ts'

type Cel = typeof import('@bufbuild/cel')

/** Something that is wrong with an expression. */
export interface CelFault {
  readonly message: string
  /** Both from 1, in the expression; absent where it is about the whole. */
  readonly at?: { readonly line: number; readonly column: number } | undefined
}

/**
 * Whether claims are such. `undefined` where it cannot be said of these: one that is asked for is missing or of
 * another type.
 */
export type ClaimsPredicate = (claims: JsonObject) => boolean | undefined

type Reading = { readonly parsed: Parsed } | { readonly fault: CelFault }

const MAX_LENGTH = 4_096

/** What is wrong with an expression of the Common Expression Language over the map `claims`, if anything is. */
export function claimsExpressionFault(text: string): CelFault | undefined {
  const reading = read(text)
  return 'fault' in reading ? reading.fault : undefined
}

/**
 * Loops do not nest and lists are bounded, so that evaluation ends soon, whatever the claims are; patterns are those
 * of RE2, whose time is linear.
 * @throws GatewayError `config` for what has a fault
 */
export function compileClaimsExpression(text: string): ClaimsPredicate {
  const reading = read(text)
  if ('fault' in reading)
    throw new GatewayError('config', `not an expression over claims: ${reading.fault.message}`)
  const { plan, celEnv } = loadCel()
  const evaluate = plan(celEnv(), reading.parsed) as (bindings: object) => unknown
  return (claims) => {
    const value = evaluate({ claims: toCel(claims) })
    return typeof value === 'boolean' ? value : undefined
  }
}

function read(text: string): Reading {
  if (text.length > MAX_LENGTH) return { fault: { message: `longer than ${MAX_LENGTH} characters` } }
  try {
    const cel = loadCel()
    const parsed = cel.parse(text)
    const { funcs } = cel.celEnv()
    const fault = faultIn(parsed, (name) => funcs.find(name) !== undefined) ?? patternFault(parsed, cel)
    if (fault !== undefined) return { fault: placed(fault, parsed, text) }
    cel.plan(cel.celEnv(), parsed)
    return { parsed }
  } catch (error) {
    return { fault: thrown(error) }
  }
}

function patternFault(parsed: Parsed, { plan, celEnv, parse, isCelError }: Cel): AstFault | undefined {
  const evaluate = plan(celEnv(), parse('"".matches(pattern)')) as (bindings: object) => unknown
  for (const { pattern, id } of patternsIn(parsed)) {
    if (isCelError(evaluate({ pattern }))) return { message: 'is not a pattern in RE2 syntax', id }
  }
  return undefined
}

function placed({ message, id }: AstFault, { sourceInfo }: Parsed, text: string): CelFault {
  const offset = sourceInfo?.positions[String(id)]
  if (offset === undefined) return { message }
  const before = text.slice(0, offset).split('\n')
  return { message, at: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } }
}

/** The parser says where it stopped, and recurses. */
function thrown(error: unknown): CelFault {
  if (error instanceof RangeError) return { message: 'nested too deeply' }
  const { rawMessage = 'cannot be read', location } = error as {
    rawMessage?: string
    location?: { start: CelFault['at'] }
  }
  const [found = ''] = rawMessage.split(' but expecting ')
  return { message: `${found} cannot stand here`, at: location?.start }
}

/** Loaded when the first expression is read: it costs time and memory, and few configurations have one. */
function loadCel(): Cel {
  return createRequire(import.meta.url)('@bufbuild/cel')
}
