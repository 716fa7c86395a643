import { resolve } from 'node:path'
import { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Door } from './door.ts'
import { UserError } from './exit.ts'
import type { Live } from './live.ts'
import { announceServer, runningServers, type Server } from './servers.ts'
import type { SourceOptions } from './source.ts'

/** Which server is meant, where several run. */
export interface Choice extends SourceOptions {
  readonly pid?: number
}

interface ControlParts {
  readonly door: Door
  readonly live: Live
  readonly options: SourceOptions
  readonly token: string
  readonly log: Log
}

/** A server that is asked something answers within this. A reload may wait for new backends. */
const ANSWER_MS = 60_000

/** Lets `vmcp status` and `vmcp reload` find this server. Where that cannot be, it serves all the same. */
export async function openControl({
  door,
  live,
  options,
  token,
  log,
}: ControlParts): Promise<() => Promise<void>> {
  const { running, url = 'stdio' } = door
  try {
    const doors = await import('../doors/control.ts')
    const reload = () => live.reload('command')
    const control = await doors.openControl(running, { token, reload })
    const server: Server = {
      pid: process.pid,
      name: running.config.name,
      source: sourceOf(options),
      url,
      startedAt: new Date().toISOString(),
      control: control.url,
      token,
    }
    const takeBack = await announceServer(server, process.env).catch(async (error: unknown) => {
      await control.close()
      throw error
    })
    return async () => {
      await takeBack()
      await control.close()
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    log.warn({}, `'vmcp status' and 'vmcp reload' will not find this server: ${why}`)
    return async () => {}
  }
}

function sourceOf({ config, group, from }: SourceOptions): string {
  if (config !== undefined) return `--config ${resolve(config)}`
  if (group !== undefined) return `--group ${group}`
  return (from ?? []).map((file) => `--from ${resolve(file)}`).join(' ')
}

/** The one server that is meant. @throws UserError where there is none or there are several */
export async function chooseServer({ pid, ...source }: Choice): Promise<Server> {
  const all = await runningServers(process.env)
  const wanted = sourceOf(source)
  const fit = all.filter(
    (it) => (pid === undefined || it.pid === pid) && (wanted === '' || it.source === wanted),
  )
  const [server] = fit
  if (server !== undefined && fit.length === 1) return server
  if (server === undefined)
    throw new UserError(
      all.length === 0
        ? 'no vmcp serves on this machine for this user; `vmcp serve` starts one'
        : `no vmcp that serves fits; those that do:\n${list(all)}`,
    )
  throw new UserError(`several servers fit; say which with --pid:\n${list(fit)}`)
}

function list(servers: readonly Server[]): string {
  return servers.map(({ pid, url, source }) => `--pid ${pid}: ${url} (${source})`).join('\n')
}

/** Asks a server of ours. @throws UserError when it does not answer */
export async function ask(server: Server, method: 'GET' | 'POST', path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${server.token}` }
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const reply = await fetch(`${server.control}${path}`, { method, headers, signal })
    if (reply.ok) return await reply.json()
    throw new GatewayError('unavailable', `it answered ${reply.status}`)
  } catch (error) {
    const { message } = error as Error
    throw new UserError(`the vmcp with process id ${server.pid} does not answer: ${message}`)
  }
}
