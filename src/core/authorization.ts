/** Which caller may do what: the policies of Cedar, and what they are about. */
export interface AuthorizationConfig {
  readonly policies: readonly PolicyText[]
  /** JSON list of entities (Cedar, JSON entity format); none where it is not said. */
  readonly entities?: string | undefined
  /** The claim that lists groups, in the place of those that usually do; a path with dots where no claim has the name. */
  readonly groupClaim?: string | undefined
  /** A further claim that lists groups. */
  readonly roleClaim?: string | undefined
  /** `THVGroup` where it is not said. */
  readonly groupType?: string | undefined
  /** Whether each step of a composite tool needs what a call of the caller's own would; so where it is not said. */
  readonly steps?: boolean | undefined
}

/** One or more policies in Cedar's own language. */
export interface PolicyText {
  readonly text: string
  /** Where it stands, for people: `incomingAuth.authz.policies[0]`, or the path of a file. */
  readonly place: string
}

/** What there is to be allowed. */
export const ACTIONS = ['call_tool', 'get_prompt', 'read_resource', 'call_method'] as const

export type Action = (typeof ACTIONS)[number]

/** The type of what each action is about. */
export const RESOURCE_TYPES: Readonly<Record<Action, string>> = {
  call_tool: 'Tool',
  get_prompt: 'Prompt',
  read_resource: 'Resource',
  call_method: 'Method',
}

export const DEFAULT_GROUP_TYPE = 'THVGroup'
