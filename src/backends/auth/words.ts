import { isSaidIn, secretsIn } from './echo.ts'
import { bearerChallenge, type Challenge } from './oauth/challenge.ts'
import type { Refusal } from './outgoing.ts'

const MOST_LETTERS = 200
/** A word that is shorter may be in anything. */
const SHORTEST_SECRET = 8

type Said = Pick<Refusal, 'challenge' | 'sent'>

/** What a backend says of why it refused, in a clause, as far as it is harmless; or nothing. */
export function wordsOf(refusal: Said): string | undefined {
  const { error: code = '', scopes = [] } = wantsOf(refusal) ?? {}
  const error = /^[a-z_]{1,40}$/.test(code) ? code : undefined
  const text = shownScopes(scopes)
  const wants = text === '' ? undefined : `wants the scopes ${text}`
  const says = error === undefined ? undefined : `says ${error}`
  const words = [says, wants].filter((it) => it !== undefined).join(' and ')
  return words === '' ? undefined : `it ${words}`
}

/** What it wants of a token, without what it says back of what it was sent. */
export function wantsOf({ challenge, sent }: Said): Challenge | undefined {
  const wanted = bearerChallenge(challenge)
  if (wanted === undefined) return undefined
  const { scopes, resourceMetadata: place, ...rest } = wanted
  const values = Object.values(sent)
  const isSecret = (scope: string) =>
    scope.length >= SHORTEST_SECRET && values.some((value) => value.includes(scope))
  return {
    ...rest,
    ...(scopes !== undefined && !scopes.some(isSecret) && { scopes }),
    ...(place !== undefined && !isSaidIn(place, secretsIn(sent)) && { resourceMetadata: place }),
  }
}

/** Scopes for people, or nothing where there are too many. */
export function shownScopes(scopes: readonly string[]): string {
  const text = scopes.join(' ')
  return text.length > MOST_LETTERS ? '' : text
}
