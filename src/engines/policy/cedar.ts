import { createRequire } from 'node:module'
import type { DetailedError, EntitiesParsingCall } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyAst } from './ast.ts'
import { markPolicy } from './integers.ts'

type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs')

/** Brackets within brackets; the engine recurses, and does not survive the end of its stack. */
const MAX_NESTING = 100

/** Something that is wrong with a text of policies. */
export interface CedarFault {
  readonly message: string
  readonly hint?: string | undefined
  /** Of UTF-16 code units, in the text; `undefined` where it is about the whole. */
  readonly offset: number | undefined
}

/** A policy of a text. */
export interface ReadPolicy {
  readonly ast: PolicyAst
  readonly text: string
  /** Of UTF-16 code units, in the text that it was read from. */
  readonly offset: number
}

export type Reading =
  | { readonly ok: true; readonly policies: readonly ReadPolicy[] }
  | { readonly ok: false; readonly faults: readonly CedarFault[] }

const ENGINE = '@cedar-policy/cedar-wasm/nodejs'
const require = createRequire(import.meta.url)

/**
 * Asks Cedar's own engine. It is loaded when it is first wanted: it costs time and memory. One that has thrown has
 * run out of its stack, and answers nothing from then on: the next question gets another.
 */
function askCedar<T>(question: (cedar: Cedar) => T): T {
  try {
    return question(require(ENGINE))
  } catch (error) {
    delete require.cache[require.resolve(ENGINE)]
    throw error
  }
}

/** Reads a text of policies with Cedar's own parser. Never throws. */
export function readPolicies(text: string): Reading {
  if (nestingOf(text) > MAX_NESTING) return failed(`nested deeper than ${MAX_NESTING} levels`)
  try {
    return askCedar((cedar) => read(cedar, text))
  } catch {
    return failed('the Cedar engine cannot read this policy: it is too long or too deep')
  }
}

function read(cedar: Cedar, text: string): Reading {
  const answer = cedar.policySetTextToParts(text)
  if (answer.type === 'failure')
    return { ok: false, faults: answer.errors.map((error) => faultOf(error, text)) }
  const { policies, policy_templates: templates } = answer
  if (templates.length > 0) return failed('policy templates (?principal, ?resource) are not supported')
  if (policies.length === 0) return failed('holds no Cedar policy')
  const places = placesOf(policies, text)
  return {
    ok: true,
    policies: policies.map((policy, at) => ({
      ast: astOf(cedar, policy),
      text: policy,
      offset: places[at] ?? 0,
    })),
  }
}

function astOf(cedar: Cedar, policy: string): PolicyAst {
  const parsed = cedar.policyToJson(markPolicy(policy))
  if (parsed.type === 'failure') throw new Error('a policy that was read cannot be read')
  return parsed.json as PolicyAst
}

/** Cedar gives the policies in another order than that of the text, each as it was written. */
function placesOf(policies: readonly string[], text: string): number[] {
  const next = new Map<string, number>()
  return policies.map((policy) => {
    const found = text.indexOf(policy, next.get(policy) ?? 0)
    next.set(policy, found + policy.length)
    return Math.max(found, 0)
  })
}

function failed(message: string): Reading {
  return { ok: false, faults: [{ message, offset: undefined }] }
}

/** Cedar counts bytes. */
function faultOf(error: DetailedError, text: string): CedarFault {
  const [location] = error.sourceLocations ?? []
  const message = `not a Cedar policy: ${error.message}`
  const hint = location?.label ?? error.help ?? undefined
  const offset = location && Buffer.from(text).subarray(0, location.start).toString().length
  return { message, hint, offset }
}

function nestingOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if ('([{'.includes(character)) deepest = Math.max(deepest, ++depth)
    else if (')]}'.includes(character)) depth--
  }
  return deepest
}

/** What is wrong with a list of entities; nothing where it is one. */
export function checkEntities(json: string): string | undefined {
  if (nestingOf(json) > MAX_NESTING) return `nested deeper than ${MAX_NESTING} levels`
  let entities: unknown
  try {
    entities = JSON.parse(json)
  } catch {
    return 'expected JSON'
  }
  if (!Array.isArray(entities)) return 'expected a JSON list of entities'
  const call = { entities, schema: null } as EntitiesParsingCall
  try {
    const answer = askCedar((cedar) => cedar.checkParseEntities(call))
    return answer.type === 'failure' ? `not Cedar entities: ${answer.errors[0]?.message}` : undefined
  } catch {
    return 'the Cedar engine cannot read these entities: they are too many or too deep'
  }
}
