import { isThisMachine } from '../../core/address.ts'
import { partitionOf } from '../../core/aws-partitions.ts'
import { claimsExpressionFault } from '../../engines/cel/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, odd, textAt, wrong, wrongBlock } from '../place.ts'

export function* awsSts(who: string, block: Place): Iterable<Finding> {
  if (!exists(block)) return
  const mappings = items(child(block, 'roleMappings'))
  if (mappings.length === 0 && !exists(child(block, 'fallbackRoleArn')))
    yield wrongBlock(block, `${who} needs roleMappings or fallbackRoleArn`)
  yield* endpoint(child(block, 'stsEndpoint'))
  for (const mapping of mappings) {
    const given = ['claim', 'matcher'].filter((key) => exists(child(mapping, key)))
    if (given.length !== 1) yield wrong(mapping, `a role mapping of ${who} needs either claim or matcher`)
    yield* matcher(child(mapping, 'matcher'))
  }
  yield* shadowed(mappings)
  const roles = [block, ...mappings].flatMap((it) => [child(it, 'fallbackRoleArn'), child(it, 'roleArn')])
  yield* elsewhere(textAt(child(block, 'region')), roles)
}

/** Roles are of one partition of AWS, and so is what a region has. */
function* elsewhere(region: string | undefined, roles: readonly Place[]): Iterable<Finding> {
  if (region === undefined) return
  const { name } = partitionOf(region)
  for (const role of roles) {
    const [, partition] = textAt(role)?.split(':') ?? []
    if (partition === undefined || partition === name) continue
    yield wrong(role, `a role of ${partition} cannot be assumed in ${region}, which is of ${name}`)
  }
}

/** The caller's token goes there. */
function* endpoint(place: Place): Iterable<Finding> {
  const text = textAt(place)
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return
  const { hostname } = url
  const isLocal = isThisMachine(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname)
  if (url.protocol === 'http:' && !isLocal)
    yield wrong(place, 'tokens would be sent over plain HTTP', 'use https')
  if (url.username !== '' || url.password !== '') yield wrong(place, 'the URL may not hold credentials')
}

function* matcher(place: Place): Iterable<Finding> {
  const text = textAt(place)
  const fault = text === undefined ? undefined : claimsExpressionFault(text)
  if (fault === undefined) return
  const { message, at } = fault
  const where = at === undefined ? '' : ` (line ${at.line}, column ${at.column} of the expression)`
  yield wrong(place, `not an expression over claims: ${message}${where}`)
}

/** Of two that ask for the same claim, the second in turn is never reached. */
function* shadowed(mappings: readonly Place[]): Iterable<Finding> {
  const seen = new Set<string>()
  for (const mapping of inTurn(mappings)) {
    const claim = textAt(child(mapping, 'claim'))
    if (claim === undefined) continue
    if (seen.has(claim)) yield odd(mapping, `is never reached: another mapping for ${claim} comes before it`)
    seen.add(claim)
  }
}

function inTurn(mappings: readonly Place[]): Place[] {
  const priority = (mapping: Place) => {
    const { value } = child(mapping, 'priority')
    return typeof value === 'number' ? value : Number.MAX_VALUE
  }
  return [...mappings].sort((a, b) => priority(a) - priority(b))
}
