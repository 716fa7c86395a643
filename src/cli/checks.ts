import { createServer } from 'node:net'
import type { Diagnostic } from '../config/diagnostics.ts'
import type { SourceIndex } from '../config/index.ts'
import type { GatewayConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Env } from '../core/folders.ts'
import { UserError } from './exit.ts'
import { runningServers } from './servers.ts'
import { loadSource, type SourceOptions, withGroup } from './source.ts'

/** What a look at this machine has come to: a sentence, and what to do where it is not well. */
export interface Check {
  readonly ok: boolean
  readonly seen: string
  readonly mend?: string
}

const OLDEST_NODE = [20, 19] as const

export function checkNode(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least, leastMinor] = OLDEST_NODE
  if (major > least || (major === least && minor >= leastMinor)) return { ok: true, seen: `Node ${version}` }
  return {
    ok: false,
    seen: `Node ${version} is too old`,
    mend: `install Node ${OLDEST_NODE.join('.')} or newer`,
  }
}

/** Whether a server could listen there. A vmcp of one's own that does already is fine. */
export async function checkPort(port: number, host: string, env: Env): Promise<Check> {
  const code = await listenOnce(port, host)
  if (code === undefined) return { ok: true, seen: `port ${port} on ${host} is free` }
  if (code !== 'EADDRINUSE')
    return {
      ok: false,
      seen: `nothing can listen on ${host} port ${port} (${code})`,
      mend: 'choose another with --host and --port',
    }
  const servers = await runningServers(env)
  const own = servers.find(({ url }) => URL.canParse(url) && new URL(url).port === String(port))
  if (own !== undefined)
    return { ok: true, seen: `port ${port} is that of a vmcp that runs (pid ${own.pid})` }
  return {
    ok: false,
    seen: `something else listens on ${host} port ${port}`,
    mend: 'stop it, or choose another port with --port',
  }
}

function listenOnce(port: number, host: string): Promise<string | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => resolve(code))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}

/** What is to be served, as far as it can be read. */
export interface Read {
  readonly config: GatewayConfig | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly notes: readonly string[]
  /** Of a configuration file. */
  readonly source: SourceIndex | undefined
}

/** @throws UserError when it is not said what to read */
export async function readSource(options: SourceOptions): Promise<Read> {
  try {
    if (options.config !== undefined && options.group === undefined && options.from === undefined)
      return await readFile(options.config)
    const { config, notes } = await loadSource(options)
    return { config, notes, diagnostics: [], source: undefined }
  } catch (error) {
    if (error instanceof UserError || !(error instanceof GatewayError) || error.code !== 'config') throw error
    return { config: undefined, notes: [], diagnostics: [faultOf(error)], source: undefined }
  }
}

async function readFile(file: string): Promise<Read> {
  const { loadConfig } = await import('../config/index.ts')
  const loaded = await loadConfig(file, { env: process.env })
  const { diagnostics } = loaded
  if (!loaded.ok) return { config: undefined, diagnostics, notes: [], source: undefined }
  const { config, notes } = await withGroup(loaded)
  return { config, diagnostics, notes, source: loaded.source }
}

function faultOf({ message }: GatewayError): Diagnostic {
  return { severity: 'error', file: 'vmcp', line: 0, column: 0, path: '', message }
}
