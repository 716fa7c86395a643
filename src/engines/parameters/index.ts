/** The parameters of a tool as an operator wants them: advertised, checked, and turned into the backend's own. */
import type { JsonObject } from '../../core/catalog.ts'
import type { ParameterRule, ParameterRules } from '../../core/parameters.ts'
import { parseJson, type RawObject } from '../../core/raw.ts'
import { type Check, checksOf } from './rules.ts'
import { advertisedSchema, isHidden } from './schema.ts'
import type { Lookup } from './url.ts'

export { patternProblem, problemOf } from './rules.ts'
export type { Lookup } from './url.ts'

/** What is wrong with what a caller gave: the parameter, the rule, and what is allowed; never the value. */
export interface Refusal {
  readonly problem: string
}

export interface Parameters {
  /** The input schema that callers see in the place of the tool's own. */
  advertise(schema: JsonObject): JsonObject
  /** The arguments that the backend gets for those that a caller gave. What no rule is about keeps its bytes. */
  prepare(given: RawObject): RawObject | Refusal | Promise<RawObject | Refusal>
}

interface Compiled {
  readonly name: string
  readonly rule: ParameterRule
  readonly checks: readonly Check[]
}

/** @throws GatewayError `config` for a pattern that is none */
export function parametersOf(rules: ParameterRules, lookup: Lookup): Parameters {
  const all = Object.entries(rules).map(
    ([name, rule]): Compiled => ({ name, rule, checks: checksOf(rule, lookup) }),
  )
  const byGiven = new Map(
    all.filter(({ rule }) => !isHidden(rule)).map((it) => [it.rule.rename ?? it.name, it]),
  )
  // Neither what is hidden may be given, nor what has another name by its old one.
  const refused = all.map(({ name }) => name).filter((name) => !byGiven.has(name))
  const filled = all.filter(({ rule }) => rule.value !== undefined || rule.default !== undefined)
  return {
    advertise: (schema) => advertisedSchema(schema, rules),
    prepare(given) {
      const changes: Record<string, string | undefined> = Object.create(null)
      for (const name of refused)
        if (given.has(name)) return { problem: `parameter '${name}': this tool does not take it` }
      const waiting: Promise<string | undefined>[] = []
      for (const [as, { name, rule, checks }] of byGiven) {
        const text = given.text(as)
        if (text === undefined) continue
        const value = parseJson(text)
        for (const check of checks) {
          const problem = check(value)
          if (typeof problem === 'string') return { problem: `parameter '${as}' ${problem}` }
          if (problem !== undefined) waiting.push(problem.then((late) => late && `parameter '${as}' ${late}`))
        }
        // It may be the own name of another, which has its say too.
        if (as !== name && !(as in changes)) changes[as] = undefined
        // Said again, so that there is one member of the name, which is the one that was checked.
        changes[name] = mapped(rule, value) ?? text
      }
      for (const { name, rule } of filled) {
        if (rule.value !== undefined) changes[name] = JSON.stringify(rule.value)
        else if (changes[name] === undefined)
          changes[name] = mapped(rule, rule.default) ?? JSON.stringify(rule.default)
      }
      return waiting.length === 0 ? given.with(changes) : settled(given.with(changes), waiting)
    },
  }
}

/** JSON text of what a name stands for. */
function mapped({ map }: ParameterRule, value: unknown): string | undefined {
  return map !== undefined && typeof value === 'string' && Object.hasOwn(map, value)
    ? JSON.stringify(map[value])
    : undefined
}

async function settled(
  sent: RawObject,
  waiting: readonly Promise<string | undefined>[],
): Promise<RawObject | Refusal> {
  const problem = (await Promise.all(waiting)).find((it) => it !== undefined)
  return problem === undefined ? sent : { problem }
}
