import { bearerChallenge } from './oauth/challenge.ts'
import type { Refusal } from './outgoing.ts'

const MOST_LETTERS = 200
/** A word that is shorter may be in anything. */
const SHORTEST_SECRET = 8
const PIECES = /.{24}|.{8,}$/g

/** What a backend says of why it refused, in a clause, as far as it is harmless; or nothing. */
export function wordsOf(refusal: Refusal): string | undefined {
  const challenge = bearerChallenge(refusal.challenge)
  const error = /^[a-z_]{1,40}$/.test(challenge?.error ?? '') ? challenge?.error : undefined
  const scopes = scopesOf(challenge?.scopes ?? [], refusal)
  const wants = scopes === '' ? undefined : `wants the scopes ${scopes}`
  const says = error === undefined ? undefined : `says ${error}`
  const words = [says, wants].filter((it) => it !== undefined).join(' and ')
  return words === '' ? undefined : `it ${words}`
}

function scopesOf(scopes: readonly string[], { sent }: Refusal): string {
  const values = Object.values(sent)
  const isSecret = (scope: string) =>
    scope.length >= SHORTEST_SECRET && values.some((value) => value.includes(scope))
  const text = scopes.join(' ')
  return text.length > MOST_LETTERS || scopes.some(isSecret) ? '' : text
}

/** Whether a backend says back what it was sent, or a part of that. */
export function isEcho({ sent }: Refusal, text: Buffer): boolean {
  return Object.values(sent)
    .flatMap((value) => value.split(' '))
    .flatMap((word) => word.match(PIECES) ?? [])
    .some((piece) => text.includes(piece))
}
