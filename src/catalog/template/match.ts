import type { Names, Part } from './parse.ts'

/** What a lookup may spend on all its templates together, in places looked at. */
export interface Fuel {
  left: number
}

/** Enough for a hundred templates of ten parts and a URI of two thousand characters. */
export const FUEL = 2_000_000

const MAX_URI = 8192

/** For each place in the URI, whether it may end there what the parts so far have made. */
type Places = Uint8Array

/**
 * Says whether a URI may be an expansion of a template. Generous: every value that the operators could make
 * something of will do, encoded or not, because the backend judges in the end. Bounded: each part is one
 * sweep over the URI, so nothing is ever tried again.
 */
export function matchTemplate(parts: readonly Part[], uri: string, fuel: Fuel): boolean {
  const [head] = parts
  if (uri.length > MAX_URI || (head?.type === 'literal' && !uri.startsWith(head.text))) return false
  let places: Places = new Uint8Array(uri.length + 1)
  places[0] = 1
  for (const part of parts) {
    fuel.left -= uri.length + 1
    if (fuel.left < 0) return false
    places = sweep(part, uri, places, fuel)
  }
  return places[uri.length] === 1
}

function sweep(part: Part, uri: string, from: Places, fuel: Fuel): Places {
  switch (part.type) {
    case 'literal':
      return sweepLiteral(part.text, uri, from, fuel)
    case 'run':
      return sweepRun(uri, from, part.any)
    case 'rest':
      return sweepRest(uri, from, part.mark)
    case 'segment':
      return sweepSegment(uri, from, part)
    case 'pairs':
      return sweepPairs(uri, from, part)
  }
}

function sweepLiteral(text: string, uri: string, from: Places, fuel: Fuel): Places {
  const to = new Uint8Array(from.length)
  for (let at = from.indexOf(1); at >= 0; at = from.indexOf(1, at + 1)) {
    fuel.left -= text.length >> 3
    if (uri.startsWith(text, at)) to[at + text.length] = 1
  }
  return to
}

function sweepRun(uri: string, from: Places, any: boolean): Places {
  const to = new Uint8Array(from.length)
  for (let at = 0; at < uri.length; at++) {
    if ((from[at] === 1 || to[at] === 1) && (any || isSegmentCharacter(uri, at))) to[at + 1] = 1
  }
  return to
}

function sweepRest(uri: string, from: Places, mark: string): Places {
  const to = from.slice()
  for (let at = 0; at < uri.length; at++) {
    if (from[at] === 1 && uri[at] === mark) return to.fill(1, at + 1)
  }
  return to
}

function sweepSegment(
  uri: string,
  from: Places,
  { mark, many }: { readonly mark: string; readonly many: boolean },
): Places {
  const within = new Uint8Array(from.length)
  for (let at = 0; at < uri.length; at++) {
    const starts = from[at] === 1 || (many && within[at] === 1)
    if (starts && uri[at] === mark) within[at + 1] = 1
    if (within[at] === 1 && isSegmentCharacter(uri, at)) within[at + 1] = 1
  }
  return within.map((place, at) => place | (from[at] as number))
}

function sweepPairs(
  uri: string,
  from: Places,
  { first, next, names }: { readonly first: string; readonly next: string; readonly names: Names },
): Places {
  const within = new Uint8Array(from.length)
  const inValue = new Uint8Array(from.length)
  for (let at = 0; at < uri.length; at++) {
    const starts = (from[at] === 1 && uri[at] === first) || (within[at] === 1 && uri[at] === next)
    const end = starts ? nameEnd(uri, at + 1, next) : 0
    if (starts && isPairName(names, uri.slice(at + 1, end))) {
      within[end] = 1
      if (uri[end] === '=') {
        within[end + 1] = 1
        inValue[end + 1] = 1
      }
    }
    if (inValue[at] === 1 && isValueCharacter(uri, at, next)) {
      within[at + 1] = 1
      inValue[at + 1] = 1
    }
  }
  return within.map((place, at) => place | (from[at] as number))
}

function nameEnd(uri: string, from: number, next: string): number {
  let at = from
  while (at < uri.length && uri[at] !== '=' && isValueCharacter(uri, at, next)) at++
  return at
}

function isPairName(names: Names, name: string): boolean {
  return names === undefined ? name !== '' : names.has(name)
}

function isSegmentCharacter(uri: string, at: number): boolean {
  const character = uri[at]
  return character !== '/' && character !== '?' && character !== '#'
}

function isValueCharacter(uri: string, at: number, next: string): boolean {
  const character = uri[at]
  if (character === next || character === '#') return false
  return next !== ';' || (character !== '/' && character !== '?')
}
