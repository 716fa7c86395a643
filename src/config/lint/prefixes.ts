import type { WorkloadPolicy } from '../../core/config.ts'
import type { Finding } from '../diagnostics.ts'
import type { LintContext } from './lint.ts'

/** What the common model interfaces accept. */
const MAX_NAME = 64
const NAME = /^[A-Za-z0-9_.-]{1,128}$/
const PLACE = ['aggregation', 'conflictResolutionConfig', 'prefixFormat']

/** Prefixes that make names which clients cannot use. One finding for each backend and fault. */
export function* prefixes({ config, offers }: LintContext): Iterable<Finding> {
  const { strategy, workloads } = config.aggregation
  if (strategy.type !== 'prefix') return
  for (const { name } of config.backends) {
    const prefix = strategy.format.replaceAll('{workload}', () => name)
    const tools = (offers.get(name)?.tools ?? []).map((tool) => String(tool['name']))
    const advertised = tools.map((tool) => prefix + rename(tool, workloads[name]))
    yield* tooLong(prefix, advertised)
    yield* oddCharacters(prefix, name)
  }
}

function rename(tool: string, policy: WorkloadPolicy | undefined): string {
  const override = policy && Object.hasOwn(policy.overrides, tool) ? policy.overrides[tool] : undefined
  return override?.name ?? tool
}

function* tooLong(prefix: string, advertised: readonly string[]): Iterable<Finding> {
  const long = advertised.filter((name) => name.length > MAX_NAME)
  if (long.length === 0) return
  const count = long.length === 1 ? '1 name' : `${long.length} names`
  const message = `the prefix ${JSON.stringify(prefix)} makes ${count} longer than ${MAX_NAME} characters, such as ${long[0]}`
  yield {
    severity: 'warning',
    path: PLACE,
    message,
    hint: 'shorten prefixFormat, or rename the tools by overrides',
  }
}

function* oddCharacters(prefix: string, backend: string): Iterable<Finding> {
  if (prefix === '' || NAME.test(prefix)) return
  const message = `with the backend ${JSON.stringify(backend)} the prefix is ${JSON.stringify(prefix)}; tool names are made of A-Z a-z 0-9 _ . -`
  yield { severity: 'warning', path: PLACE, message }
}
