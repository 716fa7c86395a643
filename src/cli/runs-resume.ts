import { ANONYMOUS } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import { DEFAULT_AGGREGATION, DEFAULT_SESSIONS, type GatewayConfig } from '../core/config.ts'
import type { CommandContext } from './context.ts'
import { whyDown } from './down.ts'
import { EXIT, UserError, usageError } from './exit.ts'
import { type GlobalOptions, openLog } from './globals.ts'
import type { Server } from './servers.ts'

interface Resumption {
  readonly workflow: string
  readonly params: JsonObject
}

interface Which {
  readonly server: Server
  /** Its whole id. */
  readonly run: string
  readonly tokenEnv: string | undefined
}

/** People take their time. */
const PATIENCE_MS = 60 * 60_000

/**
 * Goes on with a run as a client of its server, through the front door: as whoever the server takes the command for.
 * @returns the exit code: failed where the composite tool has
 */
export async function resumeRun(
  { server, run, tokenEnv }: Which,
  flags: GlobalOptions,
  { terminal, stderrTerminal }: CommandContext,
): Promise<number> {
  if (!server.url.startsWith('http'))
    throw new UserError('a server on stdin and stdout has one client, which alone can go on with its runs')
  const { ask } = await import('./control.ts')
  const resumption = (await ask(server, 'GET', `/runs/${run}/resumption`)) as Resumption
  const log = await openLog(flags, terminal, true)
  const { whileConnected } = await import('./connected.ts')
  const { askPerson } = await import('./workflow/questions.ts')
  const { printEnd } = await import('./workflow/run.ts')
  const { runByHand } = await import('../operator/run.ts')
  const config = clientOf(server.url, tokenOf(tokenEnv))
  const end = await whileConnected({ config, log, terminal }, (running, signal) => {
    const [why] = running.backends.all.flatMap((backend) => whyDown(backend) ?? [])
    if (why !== undefined) throw new UserError(`the server ${why}`)
    const isListed = running.catalog.tools.some(({ name }) => name === resumption.workflow)
    return runByHand(running, {
      ...(isListed ? direct(resumption) : throughOptimizer(resumption)),
      meta: { 'dev.vmcp/resume': run },
      principal: ANONYMOUS,
      signal,
      ask: askPerson(stderrTerminal),
    })
  })
  printEnd(end, flags, terminal)
  return end.ok ? EXIT.ok : EXIT.failed
}

function tokenOf(variable: string | undefined): string | undefined {
  const token = variable === undefined ? undefined : process.env[variable]
  if (variable !== undefined && !token)
    throw usageError(`the environment variable ${variable} is not set or empty`)
  return token
}

const direct = ({ workflow, params }: Resumption) => ({ name: workflow, args: params })

const throughOptimizer = ({ workflow, params }: Resumption) => ({
  name: 'call_tool',
  args: { tool_name: workflow, parameters: params },
})

/** A gateway with the server as its one backend, whose tools keep their names. */
function clientOf(url: string, token: string | undefined): GatewayConfig {
  return {
    name: 'vmcp-runs',
    group: undefined,
    backends: [
      {
        name: 'server',
        transport: 'streamable-http',
        url,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        caBundlePath: undefined,
        era: 'modern',
        connection: 'shared',
        timeoutMs: PATIENCE_MS,
        auth: { type: 'unauthenticated' },
        metadata: {},
      },
    ],
    aggregation: { ...DEFAULT_AGGREGATION, strategy: { type: 'prefix', format: '' } },
    passthroughHeaders: [],
    sessions: DEFAULT_SESSIONS,
  }
}
