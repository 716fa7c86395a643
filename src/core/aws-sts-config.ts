/** AWS credentials for the caller's own token, and signed requests. */
export interface AwsStsConfig {
  readonly type: 'aws_sts'
  /** That of the security token service and of the signatures. */
  readonly region: string
  /** What requests are signed for. */
  readonly service: string
  /** Where the security token service is; that of the region where it is not said. */
  readonly stsEndpoint?: string | undefined
  /** PEM file with authorities that are trusted there beside the usual ones. */
  readonly caBundlePath?: string | undefined
  readonly roleMappings: readonly RoleMappingConfig[]
  /** For whom no mapping fits; they are refused where it is absent. */
  readonly fallbackRoleArn?: string | undefined
  /** The claim, or a path with dots to it, that mappings by claim look at. */
  readonly roleClaim: string
  /** The claim that names the session in AWS's records. */
  readonly sessionNameClaim: string
  /** How long the credentials are good for, in seconds. */
  readonly sessionSeconds: number
}

/** Who assumes a role. */
export interface RoleMappingConfig {
  /** A value of the role claim, or an expression (CEL) over all claims. */
  readonly when: { readonly claim: string } | { readonly matcher: string }
  readonly roleArn: string
  /** The lowest wins. */
  readonly priority?: number | undefined
}
