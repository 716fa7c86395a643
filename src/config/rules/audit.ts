import { AUDIT_EVENTS } from '../../core/audit.ts'
import { parsePointer } from '../../core/pointer.ts'
import { parseRange } from '../../core/range.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, odd, textAt, wrong } from '../place.ts'
import { didYouMean } from '../similar.ts'

export function* audit(root: Place): Iterable<Finding> {
  const block = child(root, 'audit')
  yield* events([...items(child(block, 'eventTypes')), ...items(child(block, 'excludeEventTypes'))])
  for (const place of items(child(block, 'trustedProxies'))) {
    const range = textAt(place)
    if (range === undefined || parseRange(range) !== undefined) continue
    yield wrong(place, `${JSON.stringify(range)} is no IP address and no CIDR range such as 10.0.0.0/8`)
  }
  yield* redaction(block)
  const enabled = child(block, 'enabled')
  if (enabled.value === false)
    yield odd(enabled, 'has no effect: the block turns the audit log on; leave it out instead')
}

function* events(places: readonly Place[]): Iterable<Finding> {
  for (const place of places) {
    const event = textAt(place)
    if (event === undefined || (AUDIT_EVENTS as readonly string[]).includes(event)) continue
    const hint = didYouMean(event, AUDIT_EVENTS) ?? `one of ${AUDIT_EVENTS.join(', ')}`
    yield wrong(place, `there is no audit event ${JSON.stringify(event)}`, hint)
  }
}

function* redaction(block: Place): Iterable<Finding> {
  for (const place of items(child(block, 'redact'))) {
    const pointer = textAt(place)
    if (pointer === undefined || parsePointer(pointer) !== undefined) continue
    yield wrong(place, `${JSON.stringify(pointer)} is no JSON pointer such as /arguments/card (RFC 6901)`)
  }
  const writesPayloads = ['includeRequestData', 'includeResponseData'].some(
    (key) => child(block, key).value === true,
  )
  if (exists(child(block, 'redact')) && !writesPayloads)
    yield odd(
      child(block, 'redact'),
      'has no effect unless includeRequestData or includeResponseData is true',
    )
}
