import { join } from 'node:path'
import type { BackendConfig } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import { dataHome, stateHome } from '../../core/folders.ts'
import type { Env, Found, GroupDiscovery } from './discovery.ts'
import { jsonFiles, readText } from './files.ts'
import { checkGroupName } from './names.ts'
import { type Api, findApi } from './toolhive-api.ts'
import { fromApi, fromFiles, type Reading, recordOf } from './toolhive-workload.ts'

const MAX_WORKLOADS = 1000

/** Groups of a ToolHive on this machine: from its local API when one runs, else from its state files. */
export const toolhive: GroupDiscovery = {
  type: 'toolhive',
  groups: (env) => jsonFiles(join(state(env), 'groups')),
  async discover(group: string, env: Env): Promise<Found | undefined> {
    checkGroupName(group)
    const { api, notes } = await findApi(serverFile(env))
    const found = api === undefined ? undefined : await askApi(api, group)
    if (found === 'no such group') return undefined
    if (found instanceof GatewayError) notes.push(`ToolHive's API: ${found.message}; using its state files`)
    const readings = Array.isArray(found) ? found : await readFiles(group, env)
    return readings === undefined ? undefined : collect(readings, notes)
  },
  places: (group, env) => [
    join(state(env), 'groups', `${group}.json`),
    serverFile(env),
    join(state(env), 'runconfigs'),
    statuses(env),
  ],
}

function state(env: Env): string {
  return join(stateHome(env), 'toolhive')
}

function serverFile(env: Env): string {
  return join(state(env), 'server', 'server.json')
}

function statuses(env: Env): string {
  return join(dataHome(env), 'toolhive', 'statuses')
}

async function askApi(api: Api, group: string): Promise<Reading[] | 'no such group' | GatewayError> {
  try {
    const answer = await api.get(`/api/v1beta/workloads?group=${encodeURIComponent(group)}&all=true`)
    if (answer.status === 404) return 'no such group'
    if (answer.status !== 200)
      return new GatewayError('unavailable', `answered ${answer.status} when asked for the group's workloads`)
    const { workloads } = recordOf(JSON.parse(answer.body))
    return Array.isArray(workloads) ? workloads.map((one) => fromApi(recordOf(one), group)) : []
  } catch (cause) {
    return new GatewayError('unavailable', cause instanceof Error ? cause.message : 'failed', { cause })
  }
}

async function readFiles(group: string, env: Env): Promise<Reading[] | undefined> {
  if ((await readText(join(state(env), 'groups', `${group}.json`))) === undefined) return undefined
  const folder = join(state(env), 'runconfigs')
  const names = await jsonFiles(folder)
  const readings: Reading[] = []
  for (const name of names) {
    const config = await readRecord(join(folder, `${name}.json`))
    if (config === 'damaged') readings.push(damaged(name))
    else if (config !== undefined && (config['group'] || 'default') === group) {
      const status = await readRecord(join(statuses(env), `${name}.json`))
      readings.push(fromFiles(name, config, typeof status === 'object' ? status : {}))
    }
  }
  return readings
}

/** One damaged file of another program must not hide the others. */
async function readRecord(path: string): Promise<Readonly<Record<string, unknown>> | 'damaged' | undefined> {
  try {
    const text = await readText(path)
    return text === undefined ? undefined : recordOf(JSON.parse(text))
  } catch {
    return 'damaged'
  }
}

/** Of whatever group: that is in the file. */
function damaged(name: string): Reading {
  const note = `ToolHive workload ${JSON.stringify(name)} is skipped: its run configuration cannot be read`
  return { backend: undefined, notes: [note] }
}

function collect(readings: readonly Reading[], notes: string[]): Found {
  const backends: BackendConfig[] = []
  for (const reading of readings.slice(0, MAX_WORKLOADS)) {
    notes.push(...reading.notes)
    if (reading.backend !== undefined) backends.push(reading.backend)
  }
  if (readings.length > MAX_WORKLOADS)
    notes.push(`ToolHive's group has ${readings.length} workloads; only the first ${MAX_WORKLOADS} are used`)
  return { backends: backends.sort((a, b) => (a.name < b.name ? -1 : 1)), notes }
}
