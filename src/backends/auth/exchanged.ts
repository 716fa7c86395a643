import { Bearers, isBearer } from './bearer.ts'
import { Callers } from './callers.ts'
import type { Credentials, CredentialsContext } from './outgoing.ts'
import { Own } from './own.ts'
import type { Token } from './tokens.ts'

export interface ExchangedOptions extends CredentialsContext {
  /** What the tokens depend on beside whose they are. */
  readonly key: readonly string[]
  /** For a caller, in the place of their token. */
  get(subject: string): Promise<Token>
  /** For our own requests; without it they go without one. */
  readonly getOwn: (() => Promise<Token>) | undefined
  readonly advice: string
}

/** Credentials that callers get for their own token. Nobody's are used for our own requests. */
export function exchanged({ keyring, backend, key, get, getOwn, advice }: ExchangedOptions): Credentials {
  const { tokens } = keyring
  const options = { tokens, key: [backend, ...key] }
  const callers = new Callers({ ...options, get, isIn: isBearer })
  const own = getOwn && new Own({ ...options, get: getOwn })
  const bearers = new Bearers()
  return {
    ofCaller: true,
    authorize(headers, { caller }) {
      if (caller !== undefined) return bearers.add(headers, callers.of(caller.principal))
      return own === undefined ? headers : bearers.add(headers, own.get())
    },
    refused: async (refusal) =>
      refusal.caller === undefined ? (own?.refused(refusal) ?? false) : callers.refused(refusal),
    advice: ({ caller }) =>
      caller === undefined && own === undefined
        ? 'it lists for nobody who has no token, and vmcp has none of its own; give it a client id and secret that it can get one with'
        : advice,
  }
}
