import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import type { ParameterRule, ParameterRules } from '../../core/parameters.ts'

/** The tool's input schema as callers see it under these rules (JSON Schema 2020-12). */
export function advertisedSchema(schema: JsonObject, rules: ParameterRules): JsonObject {
  const own = objectIn(schema['properties'])
  const properties: [string, unknown][] = []
  for (const [name, definition] of Object.entries(own)) {
    const rule = ruleOf(rules, name)
    if (rule === undefined) properties.push([name, definition])
    else if (!isHidden(rule)) properties.push([rule.rename ?? name, advertised(definition, rule)])
  }
  // A parameter that the backend does not declare can be given all the same, where the schema allows others.
  for (const [name, rule] of Object.entries(rules))
    if (!Object.hasOwn(own, name) && !isHidden(rule))
      properties.push([rule.rename ?? name, advertised({}, rule)])
  const required = requiredOf(schema).flatMap((name) => {
    const rule = ruleOf(rules, name)
    if (rule === undefined) return [name]
    return isHidden(rule) || rule.default !== undefined ? [] : [rule.rename ?? name]
  })
  const { required: _, ...rest } = schema
  return {
    ...rest,
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
  }
}

export function isHidden({ hide, value }: ParameterRule): boolean {
  return hide === true || value !== undefined
}

export function ruleOf(rules: ParameterRules, name: string): ParameterRule | undefined {
  return Object.hasOwn(rules, name) ? rules[name] : undefined
}

export function requiredOf(schema: JsonObject): readonly string[] {
  const required = schema['required']
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : []
}

function advertised(definition: unknown, rule: ParameterRule): JsonObject {
  const own = objectIn(definition)
  const { description, pattern, minimum, maximum, maxLength, map, url } = rule
  const allowed = map === undefined ? rule.enum : Object.keys(map)
  // What stands for something else has the type of its name.
  const base = map === undefined ? own : { ...annotationsOf(own), type: 'string' }
  const said = description ?? base['description']
  const where = url === undefined ? undefined : whereTo(rule)
  return {
    ...base,
    ...(said !== undefined && { description: said }),
    ...(where !== undefined && { description: said === undefined ? where : `${said} (${where})` }),
    ...(rule.default !== undefined && { default: rule.default }),
    ...(allowed !== undefined && { enum: allowed }),
    ...(pattern !== undefined && { pattern }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(maxLength !== undefined && { maxLength }),
    ...(url !== undefined && base['format'] === undefined && { format: 'uri' }),
  }
}

function annotationsOf({ title, description }: JsonObject): JsonObject {
  return { ...(title !== undefined && { title }), ...(description !== undefined && { description }) }
}

function whereTo({ url }: ParameterRule): string | undefined {
  const parts = [
    ...(url?.schemes === undefined ? [] : [`schemes: ${url.schemes.join(', ')}`]),
    ...(url?.hosts === undefined ? [] : [`hosts: ${url.hosts.join(', ')}`]),
    ...(url?.ports === undefined ? [] : [`ports: ${url.ports.join(', ')}`]),
    ...(url?.denyPrivate === true ? ['no private networks'] : []),
  ]
  return parts.length === 0 ? undefined : `allowed ${parts.join('; ')}`
}

function objectIn(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
