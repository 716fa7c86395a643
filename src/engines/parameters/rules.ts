import { createRequire } from 'node:module'
import { isDeepStrictEqual } from 'node:util'
import type { RE2JS } from 're2js'
import { GatewayError } from '../../core/errors.ts'
import type { ParameterRule } from '../../core/parameters.ts'
import { type CheckUrl, type Lookup, urlCheck } from './url.ts'

/** What is wrong with a value that a caller gave, and what is allowed; `undefined` where nothing is wrong. */
export type Check = CheckUrl

/** Compiled once; each in the order in which it is cheap. @throws GatewayError `config` for a pattern that is none */
export function checksOf(rule: ParameterRule, lookup: Lookup): readonly Check[] {
  const { enum: values, map, minimum, maximum, maxLength, pattern, url } = rule
  return [
    ...(values === undefined ? [] : [oneOf(values)]),
    ...(map === undefined ? [] : [oneOf(Object.keys(map))]),
    ...(minimum === undefined && maximum === undefined ? [] : [bounds(minimum, maximum)]),
    ...(maxLength === undefined ? [] : [atMost(maxLength)]),
    ...(pattern === undefined ? [] : [matches(pattern)]),
    ...(url === undefined ? [] : [urlCheck(url, lookup)]),
  ]
}

/**
 * What is wrong with a value without asking anybody where a URL leads.
 * @throws GatewayError `config` for a pattern that is none
 */
export function problemOf(rule: ParameterRule, value: unknown): string | undefined {
  const offline = rule.url === undefined ? rule : { ...rule, url: { ...rule.url, denyPrivate: false } }
  const problems = checksOf(offline, async () => []).map((check) => check(value))
  return problems.find((problem) => typeof problem === 'string')
}

function oneOf(values: readonly unknown[]): Check {
  const allowed = values.map((value) => JSON.stringify(value)).join(', ')
  return (given) =>
    values.some((value) => isDeepStrictEqual(value, given)) ? undefined : `must be one of ${allowed}`
}

function bounds(minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY): Check {
  const allowed = [
    ...(Number.isFinite(minimum) ? [`at least ${minimum}`] : []),
    ...(Number.isFinite(maximum) ? [`at most ${maximum}`] : []),
  ].join(' and ')
  return (given) =>
    typeof given === 'number' && given >= minimum && given <= maximum
      ? undefined
      : `must be a number of ${allowed}`
}

function atMost(maxLength: number): Check {
  return (given) =>
    typeof given === 'string' && lengthOf(given, maxLength) <= maxLength
      ? undefined
      : `must be text of at most ${maxLength} characters`
}

/** In code points, without counting on when it is too long in any case. */
function lengthOf(text: string, enough: number): number {
  return text.length > enough * 2 ? text.length : [...text].length
}

/** Text that a pattern is looked for in; RE2 takes time in proportion to it, and no more. */
const MAX_MATCHED = 100_000

function matches(pattern: string): Check {
  const compiled = compile(pattern)
  return (given) =>
    typeof given === 'string' && given.length <= MAX_MATCHED && compiled.matcher(given).find()
      ? undefined
      : `must be text that matches ${pattern}`
}

/** Why a pattern cannot be used, in RE2's syntax, which has neither look-around nor back-references. */
export function patternProblem(pattern: string): string | undefined {
  try {
    engine().compile(pattern)
    return undefined
  } catch (error) {
    return `not a pattern in RE2 syntax: ${error instanceof Error ? error.message : String(error)}`
  }
}

function compile(pattern: string): RE2JS {
  try {
    return engine().compile(pattern)
  } catch (cause) {
    throw new GatewayError('config', `${JSON.stringify(pattern)} is not a pattern in RE2 syntax`, { cause })
  }
}

/** Loaded when the first pattern is read: few configurations have one. */
function engine(): typeof RE2JS {
  return (createRequire(import.meta.url)('re2js') as typeof import('re2js')).RE2JS
}
