import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import type { ParameterRules } from '../../core/parameters.ts'
import type { Finding } from '../diagnostics.ts'
import { child, items, type Place, textAt } from '../place.ts'
import { didYouMean } from '../similar.ts'
import type { LintContext } from './lint.ts'

/** Parameters that no tool has, and hidden ones without which the tool cannot be called. */
export function* parameters({ config, source, offers }: LintContext): Iterable<Finding> {
  const root: Place = { path: [], value: source.value([]) }
  for (const entry of items(child(root, 'aggregation', 'tools'))) {
    const name = textAt(child(entry, 'workload')) ?? ''
    const offer = offers.get(name)
    for (const [tool, override] of Object.entries(config.aggregation.workloads[name]?.overrides ?? {})) {
      const schema = offer?.tools.find((it) => it['name'] === tool)?.['inputSchema']
      if (!isObject(schema)) continue
      const place = child(entry, 'overrides', tool)
      yield* faults(override.parameters, child(place, 'parameters'), schema)
      for (const [at, wrapper] of items(child(place, 'wrap')).entries())
        yield* faults(override.wrap?.[at]?.parameters, child(wrapper, 'parameters'), schema)
    }
  }
}

function* faults(rules: ParameterRules | undefined, block: Place, schema: JsonObject): Iterable<Finding> {
  const known = isObject(schema['properties']) ? Object.keys(schema['properties']) : []
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  for (const [name, rule] of Object.entries(rules ?? {})) {
    const { path } = child(block, name)
    const isFilled = rule.value !== undefined || rule.default !== undefined
    if (!known.includes(name)) {
      const message = `the tool has no parameter ${JSON.stringify(name)}`
      yield { severity: 'warning', path, part: 'key', message, hint: didYouMean(name, known) }
    } else if (rule.hide === true && !isFilled && required.includes(name)) {
      const message = 'the tool cannot be called: it requires this parameter, which is hidden'
      yield { severity: 'warning', path, part: 'key', message, hint: 'give it a value or a default' }
    }
  }
}
