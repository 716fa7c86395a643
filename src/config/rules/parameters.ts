import { GatewayError } from '../../core/errors.ts'
import type { ParameterRule } from '../../core/parameters.ts'
import { patternProblem, problemOf } from '../../engines/parameters/index.ts'
import type { Finding } from '../diagnostics.ts'
import { child, entries, exists, numberAt, type Place, textAt, wrong, wrongBlock } from '../place.ts'

/** Keys that say how callers give a parameter, which they do not where it is fixed. */
const FOR_CALLERS = [
  'rename',
  'description',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'maxLength',
  'url',
  'map',
]

/** The parameters of one tool or wrapper. */
export function* parameters(block: Place): Iterable<Finding> {
  const all = entries(block)
  for (const [name, rule] of all) yield* parameter(name, rule)
  const names = new Map<string, string>()
  for (const [name, rule] of all) {
    const place = child(rule, 'rename')
    const shown = textAt(place) ?? name
    const other = names.get(shown)
    if (other !== undefined) {
      const message = `callers would know both ${JSON.stringify(other)} and ${JSON.stringify(name)} as ${JSON.stringify(shown)}`
      yield exists(place) ? wrong(place, message) : wrongBlock(rule, message)
    } else names.set(shown, name)
  }
}

function* parameter(name: string, rule: Place): Iterable<Finding> {
  const given = entries(rule).filter(([, member]) => member.value !== undefined)
  if (given.length === 0) yield wrongBlock(rule, `the entry of ${name} changes nothing`)
  if (child(rule, 'value').value !== undefined) {
    for (const [key, place] of given)
      if (FOR_CALLERS.includes(key) || key === 'default')
        yield wrongBlock(
          place,
          `value fixes the parameter, so that ${key} has no effect`,
          'remove one of them',
        )
  } else if (child(rule, 'hide').value === true) {
    for (const [key, place] of given)
      if (FOR_CALLERS.includes(key) && key !== 'map')
        yield wrongBlock(place, `callers cannot give a hidden parameter, so that ${key} has no effect`)
  }
  if (exists(child(rule, 'map')) && exists(child(rule, 'enum')))
    yield wrongBlock(child(rule, 'enum'), 'the names of map are what may be given; remove enum')
  yield* bounds(rule)
  yield* pattern(child(rule, 'pattern'))
  yield* defaultValue(rule)
}

function* bounds(rule: Place): Iterable<Finding> {
  const [least, most] = [numberAt(child(rule, 'minimum')), numberAt(child(rule, 'maximum'))]
  if (least !== undefined && most !== undefined && least > most)
    yield wrong(child(rule, 'maximum'), `no number is at least ${least} and at most ${most}`)
}

function* pattern(place: Place): Iterable<Finding> {
  const text = textAt(place)
  const problem = text === undefined ? undefined : patternProblem(text)
  if (problem !== undefined) yield wrong(place, problem, 'RE2 has neither look-around nor back-references')
}

/** What is sent in the place of an answer has to be one that callers may give. */
function* defaultValue(rule: Place): Iterable<Finding> {
  const place = child(rule, 'default')
  if (place.value === undefined || textAt(child(rule, 'pattern')) === '') return
  try {
    const problem = problemOf(rule.value as ParameterRule, place.value)
    if (problem !== undefined) yield wrong(place, `the default ${problem}`)
  } catch (error) {
    // A pattern that is none has been reported; a rule of another shape is, by the schema.
    if (!(error instanceof GatewayError || error instanceof TypeError)) throw error
  }
}
