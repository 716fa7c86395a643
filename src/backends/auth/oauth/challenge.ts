/** What a backend says of the token that it wants (RFC 6750 §3, RFC 9728 §5.1). */
export interface Challenge {
  readonly error?: string
  /** All that the operation needs, or undefined where it is not said. */
  readonly scopes?: readonly string[]
  /** The URL of the metadata of the resource. */
  readonly resourceMetadata?: string
}

/** Longer ones are not looked at. */
const LONGEST = 8 * 1024
const MOST_SCOPES = 100
/** RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/
const PARAMETER = /^([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~:/-]+))/
const SCHEME = /^([\w!#$%&'*+.^`|~-]+)(?:[ \t]+|$)/

/** The first challenge for a bearer token among those in a `WWW-Authenticate` (RFC 9110 §11.6.1). */
export function bearerChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || header.length > LONGEST) return undefined
  let rest = header
  let bearer: Map<string, string> | undefined
  while (rest !== '') {
    rest = rest.replace(/^[ \t,]+/, '')
    const parameter = PARAMETER.exec(rest)
    const scheme = parameter === null ? SCHEME.exec(rest) : null
    if (scheme !== null) {
      if (bearer !== undefined) break
      if (scheme[1]?.toLowerCase() === 'bearer') bearer = new Map()
    } else if (parameter !== null) {
      const [, name = '', quoted, plain = ''] = parameter
      bearer?.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain)
    }
    // What is neither, such as the token68 of another scheme, is passed over.
    rest = rest.slice((parameter ?? scheme ?? /^[^,]*/.exec(rest))?.[0].length ?? rest.length)
  }
  return bearer && challengeOf(bearer)
}

function challengeOf(parameters: ReadonlyMap<string, string>): Challenge {
  const [error, scope, resourceMetadata] = ['error', 'scope', 'resource_metadata'].map((name) =>
    parameters.get(name),
  )
  const scopes = scopesIn(scope)
  return {
    ...(error !== undefined && { error }),
    ...(scopes.length > 0 && { scopes }),
    ...(resourceMetadata !== undefined && { resourceMetadata }),
  }
}

/** The scopes in a text, each once; what is no scope is left out. */
export function scopesIn(text: unknown): string[] {
  if (typeof text !== 'string') return []
  return scopesAmong(text.split(' '))
}

export function scopesAmong(list: unknown): string[] {
  if (!Array.isArray(list)) return []
  const good = list.filter((it): it is string => typeof it === 'string' && SCOPE.test(it))
  return [...new Set(good)].slice(0, MOST_SCOPES)
}

/** Each once, in the order in which they were first there. */
export function union(...lists: readonly (readonly string[] | undefined)[]): string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))]
}
