import { createHash } from 'node:crypto'
import { ANONYMOUS, type Principal } from '../../core/caller.ts'
import type { Bucket, BucketSize, RateLimitConfig } from '../../core/limits.ts'

/** The buckets that a call of a tool takes from. */
export type BucketsFor = (tool: string, principal: Principal) => readonly Bucket[]

const NONE: readonly Bucket[] = []

export function bucketsOf({ namespace, shared, perUser, tools }: RateLimitConfig, name: string): BucketsFor {
  // In braces: where Redis is a cluster, the buckets of one server are on one node.
  const base = `{${namespace}:${name}}`
  const sharedBuckets = shared === undefined ? NONE : [{ key: `${base}:shared`, ...shared }]
  const ofTools = new Map(
    Object.entries(tools).map(([tool, limits]) => [
      tool,
      toolBuckets(`${base}`, tool, { ...limits, before: sharedBuckets }),
    ]),
  )
  const userOf = userKeys()
  return (tool, principal) => {
    const own = ofTools.get(tool)
    const common = own?.buckets ?? sharedBuckets
    if (perUser === undefined && own?.perUser === undefined) return common
    const user = userOf(principal)
    if (user === undefined) return common
    return [
      ...common,
      ...bucket(`${base}:user:${user}`, perUser),
      ...bucket(`${base}:user-tool:${tool}:${user}`, own?.perUser),
    ]
  }
}

interface ToolLimits {
  readonly shared?: BucketSize | undefined
  readonly perUser?: BucketSize | undefined
  readonly before: readonly Bucket[]
}

function toolBuckets(base: string, tool: string, { shared, perUser, before }: ToolLimits) {
  return { buckets: [...before, ...bucket(`${base}:shared:tool:${tool}`, shared)], perUser }
}

function bucket(key: string, size: BucketSize | undefined): Bucket[] {
  return size === undefined ? [] : [{ key, ...size }]
}

/**
 * What stands for a person in keys: a hash of issuer and subject, so that the store learns of nobody. `undefined` for
 * those whom nobody knows.
 */
function userKeys(): (principal: Principal) => string | undefined {
  const known = new WeakMap<Principal, string>()
  return (principal) => {
    const { issuer, subject } = principal
    if (subject === '' || (issuer === ANONYMOUS.issuer && subject === ANONYMOUS.subject)) return undefined
    const key = known.get(principal) ?? hash(`${issuer}\0${subject}`)
    known.set(principal, key)
    return key
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
