import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BackendConfig } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import { stateHome } from '../../core/folders.ts'
import type { Env, Found, GroupDiscovery } from './discovery.ts'
import { jsonFiles, readText, writeAtomically } from './files.ts'
import { exclusively } from './lock.ts'
import { checkGroupName, checkWorkloadName, isGroupName } from './names.ts'
import { groupFromText, textOfGroup, toBackend, type Workload } from './workload.ts'

export type { Workload } from './workload.ts'

/** Our own groups: one JSON file each, under the state folder. */
export const ownStore: GroupDiscovery = {
  type: 'store',
  groups: async (env) => (await jsonFiles(folder(env))).filter(isGroupName),
  async discover(group: string, env: Env): Promise<Found | undefined> {
    const workloads = await readGroup(group, env)
    if (workloads === undefined) return undefined
    const backends = Object.entries(workloads).map(([name, workload]) => toBackend(name, workload, group))
    return { backends: backends.sort(byName), notes: [] }
  },
  places: (group, env) => [fileOf(group, env)],
}

/** @throws GatewayError `config` when there is one of that name */
export async function createGroup(group: string, env: Env): Promise<void> {
  await change(group, env, (workloads) => {
    if (workloads !== undefined) throw new GatewayError('config', `group '${group}' exists already`)
    return {}
  })
}

/** @throws GatewayError `config` when there is none, or when it holds workloads and `force` is not set */
export async function removeGroup(group: string, env: Env, force: boolean): Promise<void> {
  await change(group, env, async (workloads) => {
    const count = Object.keys(existing(group, workloads)).length
    if (count > 0 && !force)
      throw new GatewayError(
        'config',
        `group '${group}' holds ${count} workload(s); --force removes them too`,
      )
    return undefined
  })
}

/** @throws GatewayError `config` when there is no such group, or one of that name in it */
export async function addWorkload(group: string, name: string, workload: Workload, env: Env): Promise<void> {
  checkWorkloadName(name)
  await change(group, env, async (workloads) => {
    if (workloads === undefined) throw await noSuchGroup(group, env)
    if (Object.hasOwn(workloads, name))
      throw new GatewayError(
        'config',
        `group '${group}' has a workload '${name}' already; \`vmcp remove ${name} --group ${group}\` makes room`,
      )
    return { ...workloads, [name]: workload }
  })
}

/** @throws GatewayError `config` when there is no such group or workload */
export async function removeWorkload(group: string, name: string, env: Env): Promise<void> {
  await change(group, env, async (workloads) => {
    if (workloads === undefined) throw await noSuchGroup(group, env)
    if (!Object.hasOwn(workloads, name)) {
      const known = Object.keys(workloads).sort().join(', ') || 'none'
      throw new GatewayError('config', `group '${group}' has no workload '${name}' (it has: ${known})`)
    }
    const { [name]: _, ...rest } = workloads
    return rest
  })
}

type Workloads = Readonly<Record<string, Workload>>

function folder(env: Env): string {
  return join(stateHome(env), 'vmcp', 'groups')
}

async function readGroup(group: string, env: Env): Promise<Workloads | undefined> {
  const path = fileOf(group, env)
  const text = await readText(path)
  return text === undefined ? undefined : groupFromText(text, path)
}

function fileOf(group: string, env: Env): string {
  return join(folder(env), `${checkGroupName(group)}.json`)
}

type Edit = (workloads: Workloads | undefined) => Workloads | undefined | Promise<Workloads | undefined>

/** Reads, edits and replaces one group while no other process may. `undefined` removes it. */
async function change(group: string, env: Env, edit: Edit): Promise<void> {
  const path = fileOf(group, env)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await exclusively(path, async (stillOurs) => {
    const edited = await edit(await readGroup(group, env))
    stillOurs()
    if (edited === undefined) await rm(path)
    else await writeAtomically(path, textOfGroup(group, edited))
  })
}

function existing(group: string, workloads: Workloads | undefined): Workloads {
  if (workloads === undefined) throw new GatewayError('config', `there is no group '${group}' of our own`)
  return workloads
}

async function noSuchGroup(group: string, env: Env): Promise<GatewayError> {
  const known = (await ownStore.groups(env)).join(', ') || 'none yet'
  return new GatewayError(
    'config',
    `there is no group '${group}' of our own (known: ${known}); \`vmcp group create ${group}\` makes one`,
  )
}

function byName(a: BackendConfig, b: BackendConfig): number {
  return a.name < b.name ? -1 : 1
}
