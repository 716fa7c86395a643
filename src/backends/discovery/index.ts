import { GatewayError } from '../../core/errors.ts'
import type { Env, Found, GroupDiscovery } from './discovery.ts'
import { ownStore } from './store.ts'
import { toolhive } from './toolhive.ts'

export { editor } from './editor.ts'
export { writeAtomically } from './files.ts'
export type { Workload } from './store.ts'
export { addWorkload, createGroup, removeGroup, removeWorkload } from './store.ts'

/** Where groups are looked for. The first place that has one of a name wins. */
const PLACES: readonly GroupDiscovery[] = [ownStore, toolhive]

export interface ResolvedGroup extends Found {
  /** `store` or `toolhive`. */
  readonly place: string
  /** Files and folders that change when the group does, or when it is looked for elsewhere. */
  readonly places: readonly string[]
  /** Whether the group may change without any of the places changing. */
  readonly polled: boolean
}

/** The workloads of a group, sorted by name. @throws GatewayError `config` when nobody knows the group */
export async function resolveGroup(group: string, env: Env = process.env): Promise<ResolvedGroup> {
  for (const [index, place] of PLACES.entries()) {
    const found = await place.discover(group, env)
    if (found === undefined) continue
    const shadowed = await notesOnOthers(group, env, PLACES.slice(index + 1))
    return {
      backends: found.backends,
      notes: [...found.notes, ...shadowed],
      place: place.type,
      places: PLACES.slice(0, index + 1).flatMap(({ places }) => places(group, env)),
      polled: place === toolhive,
    }
  }
  throw await unknownGroup(group, env)
}

async function notesOnOthers(group: string, env: Env, others: readonly GroupDiscovery[]): Promise<string[]> {
  const notes: string[] = []
  for (const { type, groups } of others) {
    if ((await groups(env)).includes(group))
      notes.push(`group '${group}' exists in ${type} too; our own is used, that one is left out`)
  }
  return notes
}

export interface KnownGroup {
  readonly name: string
  readonly place: string
}

/** All groups of all places, the winner of a name first. */
export async function knownGroups(env: Env = process.env): Promise<KnownGroup[]> {
  const lists = await Promise.all(
    PLACES.map(async ({ type, groups }) => (await groups(env)).map((name) => ({ name, place: type }))),
  )
  return lists.flat().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

async function unknownGroup(group: string, env: Env): Promise<GatewayError> {
  const known = [...new Set((await knownGroups(env)).map(({ name }) => name))].join(', ') || 'none yet'
  return new GatewayError(
    'config',
    `there is no group '${group}' (known: ${known}); \`vmcp group create ${group}\` makes one`,
  )
}
