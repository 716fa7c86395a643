/** By scenario: the checks that cannot hold between two eras, and why; docs/conformance.md says the same. */
export type Exceptions = Readonly<
  Record<string, { readonly checks: readonly string[]; readonly reason: string }>
>
