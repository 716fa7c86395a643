import type { Challenge } from './challenge.ts'
import { union } from './challenge.ts'
import type { Login, LoginRecord, Tokens } from './record.ts'

/** A token is replaced this long before it ends, or a fifth of its life before, if that is less. */
const MARGIN_MS = 60_000
const MARGIN_SHARE = 0.2
const YOUNG_MS = 10_000
/** What a backend may have us keep. */
const MOST_SCOPES = 100

/** From when on there should be another token; never where none can be had without a login. */
export function dueAt({ refresh, endsAt, gotAt }: Tokens): number {
  if (refresh === undefined || endsAt === undefined) return Number.POSITIVE_INFINITY
  return endsAt - Math.min(MARGIN_MS, (endsAt - gotAt) * MARGIN_SHARE)
}

/** Whether it has not lived for long yet, so that its age is no reason to refuse it. */
export function isYoung({ gotAt, endsAt = Number.POSITIVE_INFINITY }: Tokens): boolean {
  return Date.now() - gotAt < Math.min(YOUNG_MS, (endsAt - gotAt) / 2)
}

export function withTokens(record: LoginRecord, login: Login, tokens: Tokens): LoginRecord {
  return { ...record, login: { ...login, tokens } }
}

/** The next login asks for what this one had. */
export function withoutLogin({ login, ...record }: LoginRecord): LoginRecord {
  const scopes = union(record.wanted?.scopes, login?.asked)
  return { ...record, ...(scopes.length > 0 && { wanted: { ...record.wanted, scopes } }) }
}

/** The same object where it is known already. */
export function withChallenge(record: LoginRecord, challenge: Challenge): LoginRecord {
  const { wanted = {} } = record
  const scopes = union(wanted.scopes, challenge.scopes).slice(0, MOST_SCOPES)
  const place = challenge.resourceMetadata ?? wanted.resourceMetadata
  if (scopes.length === (wanted.scopes?.length ?? 0) && place === wanted.resourceMetadata) return record
  const wants = {
    ...(scopes.length > 0 && { scopes }),
    ...(place !== undefined && { resourceMetadata: place }),
  }
  return { ...record, wanted: wants }
}
