/** How the parameters of one tool differ from what its backend declares. By the backend's own parameter name. */
export type ParameterRules = Readonly<Record<string, ParameterRule>>

export interface ParameterRule {
  /** Sent where the caller gives none. */
  readonly default?: unknown
  /** Always sent; callers neither see the parameter nor may give it. */
  readonly value?: unknown
  /** Callers neither see the parameter nor may give it. */
  readonly hide?: boolean | undefined
  /** What callers call it. */
  readonly rename?: string | undefined
  readonly description?: string | undefined
  /** What may be given; compared as JSON. */
  readonly enum?: readonly unknown[] | undefined
  /** RE2 syntax; found anywhere in the text unless anchored, as in JSON Schema. */
  readonly pattern?: string | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  /** In characters (Unicode code points), as in JSON Schema. */
  readonly maxLength?: number | undefined
  readonly url?: UrlRule | undefined
  /** Callers give one of these names, and the backend gets what it stands for. */
  readonly map?: Readonly<Record<string, unknown>> | undefined
}

/** Where a URL may lead. What is absent allows all. */
export interface UrlRule {
  /** Without the colon, in lower case. */
  readonly schemes?: readonly string[] | undefined
  /** A host name, or `*.` and a domain, which stands for everything below it and not for itself. */
  readonly hosts?: readonly string[] | undefined
  readonly ports?: readonly number[] | undefined
  /** Neither addresses of private networks nor names that lead to them. */
  readonly denyPrivate?: boolean | undefined
}
