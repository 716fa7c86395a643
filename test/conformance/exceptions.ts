/** By scenario: the checks that cannot hold between two eras, in the suite's order, and why. */
export type Exceptions = Readonly<
  Record<string, { readonly checks: readonly string[]; readonly reason: string }>
>

/** docs/conformance.md says the same in prose. */
export const MODERN_TO_LEGACY: Exceptions = {
  'input-required-result-basic-elicitation': {
    checks: ['sep-2322-elicitation-incomplete'],
    reason: 'wants the key that the backend gives its question, and a question of 2025-11-25 has none',
  },
  'input-required-result-ignore-extra-params': {
    checks: ['sep-2322-ignore-unexpected-params'],
    reason: 'answers before it was asked, under the key that the backend would have given its question',
  },
}
