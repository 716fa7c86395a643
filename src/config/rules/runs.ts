import { isKey } from '../../stores/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, odd, textAt, wrong, wrongBlock } from '../place.ts'
import { redisAuthorities } from './redis-authorities.ts'
import type { RuleContext } from './rule.ts'

/** The key that seals runs that are kept. */
export function* workflowRuns(root: Place, context: RuleContext): Iterable<Finding> {
  const block = child(root, 'workflowRuns')
  if (!exists(block)) return
  const [file, variable] = [child(block, 'keyFile'), child(block, 'keyEnv')]
  if (exists(file) && exists(variable)) yield wrong(variable, 'there are both keyFile and keyEnv; keep one')
  else yield* keyInEnvironment(variable, context)
  if (child(block, 'store', 'type').value === 'redis' && !exists(file) && !exists(variable))
    yield wrongBlock(
      block,
      'a store of type redis needs keyFile or keyEnv, the same for all servers that share it',
    )
  yield* redisAuthorities(child(block, 'store'))
  if (!asksSomebody(root)) yield odd(block, 'has no effect: no composite tool has a step of type elicitation')
}

function* keyInEnvironment(place: Place, { env }: RuleContext): Iterable<Finding> {
  const name = textAt(place)
  if (name === undefined) return
  const key = env[name]
  if (!key) yield wrong(place, `the environment variable ${name} is not set or empty`)
  else if (!isKey(key))
    yield wrong(
      place,
      `the environment variable ${name} holds no key: expected 32 random bytes in base64 or hexadecimal`,
      'make one with: openssl rand -base64 32',
    )
}

function asksSomebody(root: Place): boolean {
  return items(child(root, 'compositeTools')).some((tool) =>
    items(child(tool, 'steps')).some((step) => child(step, 'type').value === 'elicitation'),
  )
}
