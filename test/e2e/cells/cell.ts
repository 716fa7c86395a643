import { eventually, toolNames } from '../../fixtures/ask.ts'
import { type BackendEntry, config } from '../../fixtures/config.ts'
import { type Server, type Stage, serverCommand } from '../../fixtures/stage.ts'

export type Era = 'legacy' | 'modern'

export interface Kind {
  readonly name: string
  readonly era: Era
  readonly transport: 'http' | 'stdio'
}

/** A backend of each kind. The name is the prefix of its tools, and in the URIs of its resources. */
export const KINDS: readonly Kind[] = [
  { name: 'lh', era: 'legacy', transport: 'http' },
  { name: 'ls', era: 'legacy', transport: 'stdio' },
  { name: 'mh', era: 'modern', transport: 'http' },
  { name: 'ms', era: 'modern', transport: 'stdio' },
]

export const EACH_KIND = KINDS.map((kind) => [`a ${kind.era} backend over ${kind.transport}`, kind] as const)

export const newsOf = ({ name }: Kind) => `talk://${name}/news`

export interface Backends {
  readonly entries: readonly BackendEntry[]
  /** Those over HTTP, by name. */
  readonly servers: ReadonlyMap<string, Server>
}

/** Servers that speak outside of calls, with what else their entries have. */
export async function startBackends(
  stage: Stage,
  more: object = {},
  kinds: readonly Kind[] = KINDS,
): Promise<Backends> {
  const servers = new Map<string, Server>()
  const start = async ({ name, era, transport }: Kind): Promise<BackendEntry> => {
    const flags = { era, transport, id: name }
    if (transport === 'stdio')
      return { name, era, transport: 'stdio', ...serverCommand('talking', flags), ...more }
    const server = await stage.hosted('talking', flags)
    servers.set(name, server)
    return { name, era, url: server.ready, ...more }
  }
  return { entries: await Promise.all(kinds.map(start)), servers }
}

/** The built gateway in front of them, once all are connected. */
export async function startGateway(stage: Stage, { entries }: Backends): Promise<string> {
  const { ready } = await stage.gateway({ config: config(entries) })
  await eventually(async () => {
    const names = await toolNames(ready)
    const missing = entries.filter(({ name }) => !names.includes(`${name}_state`))
    if (missing.length > 0) throw new Error(`not connected: ${missing.map(({ name }) => name)}`)
  })
  return ready
}

export interface State {
  readonly subscribed: string[]
  readonly waiting: string[]
  readonly cancelled: string[]
  readonly finished: string[]
  readonly levels: string[]
}
