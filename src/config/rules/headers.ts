import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, items, odd, textAt, wrong, wrongBlock } from '../place.ts'
import { isHeaderName, NEVER_PASSED, NEVER_SENT, PROTOCOL_HEADERS } from './header-names.ts'

export function* passthroughHeaders(root: Place): Iterable<Finding> {
  const seen = new Set<string>()
  for (const place of items(child(root, 'passthroughHeaders'))) {
    if (typeof place.value !== 'string') continue
    const name = place.value.toLowerCase()
    if (name === '') yield wrong(place, 'a header name may not be empty')
    else if (!isHeaderName(name)) yield wrong(place, 'expected the name of an HTTP header')
    else if (NEVER_PASSED.has(name))
      yield wrong(place, `the header ${place.value} may not be passed through`, reason(name))
    else if (PROTOCOL_HEADERS.has(name) || name.startsWith('mcp-'))
      yield odd(place, `${place.value} is never passed through: each connection sets its own`)
    else if (seen.has(name)) yield odd(place, `${place.value} is listed twice`)
    seen.add(name)
  }
}

function reason(name: string): string | undefined {
  if (name !== 'authorization' && name !== 'cookie') return undefined
  return 'credentials of clients are for this server; the outgoingAuth strategy pass_through sends access tokens on to a backend'
}

/** Headers that the configuration itself sets. */
export function* staticHeaders(root: Place): Iterable<Finding> {
  const passed = new Set(
    items(child(root, 'passthroughHeaders')).map(({ value }) => String(value).toLowerCase()),
  )
  for (const backend of items(child(root, 'backends'))) {
    const seen = new Set<string>()
    for (const [key, place] of entries(child(backend, 'headers'))) {
      const name = key.toLowerCase()
      yield* mayBeSet(place, key)
      if (passed.has(name)) yield wrongBlock(place, `${key} is also in passthroughHeaders; keep one of them`)
      if (seen.has(name)) yield wrongBlock(place, `${key} is given twice in different case`)
      seen.add(name)
    }
  }
}

export function* injectedHeader(strategy: Place): Iterable<Finding> {
  const place = child(strategy, 'headerInjection', 'headerName')
  const name = textAt(place)
  if (name !== undefined) yield* mayBeSet(place, name)
}

/** A header that the configuration sets on requests. */
export function* mayBeSet(place: Place, name: string): Iterable<Finding> {
  const folded = name.toLowerCase()
  if (NEVER_SENT.has(folded) || PROTOCOL_HEADERS.has(folded)) {
    yield wrongBlock(place, `the header ${name} belongs to the connection and may not be set`)
  }
}
