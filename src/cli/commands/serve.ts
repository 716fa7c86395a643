import { randomBytes } from 'node:crypto'
import { type Command, Option } from 'commander'
import { DEFAULT_AUDIT } from '../../core/audit.ts'
import type { GatewayConfig } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import { DEFAULT_OPTIMIZER } from '../../core/optimizer.ts'
import { VERSION } from '../../version.ts'
import type { Announcer } from '../announce.ts'
import type { CommandContext } from '../context.ts'
import type { Door } from '../door.ts'
import { type GlobalOptions, openLog } from '../globals.ts'
import { checkHost } from '../host.ts'
import type { Live } from '../live.ts'
import { LogLevels } from '../log-levels.ts'
import { collect, duration, port } from '../options.ts'
import { reopenOnSignal } from '../reopen.ts'
import { loadSource, type Source, type SourceOptions, tellOf } from '../source.ts'
import { startSmall } from '../start-small.ts'
import { closeInTime, GRACE_MS, watchForStop } from '../stop.ts'

interface ServeFlags extends GlobalOptions, SourceOptions {
  readonly host: string
  readonly port: number
  readonly stdio?: boolean
  readonly sessionTtl?: number
  readonly enableAudit?: boolean
  readonly optimizer?: boolean
  readonly optimizerEmbedding?: boolean
  readonly embeddingModel?: string
  readonly allowAnonymousRemote?: boolean
  readonly allowedHost?: readonly string[]
  readonly watch: boolean
}

export function registerServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('serve the backends of a configuration, a group or an editor as one MCP server')
    .option('-g, --group <name>', 'serve a local or ToolHive group: anonymous, prefixed names, loopback only')
    .addOption(
      new Option(
        '--from <file>',
        'serve the servers of an editor: mcpServers or servers as JSON; repeatable',
      ).argParser(collect),
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', port, 4483)
    .option('--stdio', 'serve one client on stdin and stdout instead of a port')
    .option('--session-ttl <time>', 'close a session after this long without traffic, e.g. 30m', duration)
    .option('--enable-audit', 'write an audit log to standard output, where the configuration has no other')
    .option('--optimizer', 'offer a tool that finds tools and one that calls them instead of the whole list')
    .option('--optimizer-embedding', 'the same, and find by meaning too: needs an embedding service')
    .option('--embedding-model <name>', 'with --optimizer-embedding: the model that the service is to run')
    .option('--allow-anonymous-remote', 'listen beyond loopback without authentication')
    .addOption(
      new Option('--allowed-host <name>', 'a host name that clients may use; repeatable').argParser(collect),
    )
    .option('--no-watch', 'apply changes of the configuration only on SIGHUP and `vmcp reload`')
    .action(async (_, command: Command) => {
      context.exitCode = await serve(command.optsWithGlobals<ServeFlags>(), context)
    })
}

async function serve(flags: ServeFlags, context: CommandContext): Promise<number> {
  const growWithWork = startSmall()
  let live: Live | undefined
  const terminal = flags.stdio === true ? context.stderrTerminal : context.terminal
  const log = await openLog(flags, terminal)
  const readAt = Date.now()
  const source = await sourceOf(flags)
  const levels = new LogLevels(log, flags)
  levels.use(source.config)
  await tellOf(source, terminal, (note) => log.warn({}, note))
  const { openDoor } = await import('../door.ts')
  const { jsonAnnouncer, textAnnouncer } = await import('../announce.ts')
  const { Live: LiveConfiguration } = await import('../live.ts')
  const { openControl } = await import('../control.ts')
  const token = randomBytes(24).toString('base64url')
  const watch = watchForStop(log, () => void live?.hangUp())
  const door = await openDoor(
    source.config,
    {
      host: flags.host,
      port: flags.port,
      log,
      controlToken: token,
      allowedHosts: flags.allowedHost ?? [],
    },
    flags.stdio === true,
  )
  const { running } = door
  running.parts.add(levels)
  reopenOnSignal(running, log)
  live = new LiveConfiguration({ load: () => sourceOf(flags), running, log }, source)
  if (flags.watch) live.watch(source, readAt)
  const closeControl = await openControl({ door, live, options: flags, token, log })
  const announcer = flags.json === true ? jsonAnnouncer(terminal) : textAnnouncer(terminal, VERSION)
  const ended = Promise.race([watch.stopped, door.closed])
  const introduced = introduce(door, announcer, watch.signal).finally(growWithWork)
  const outcome = await Promise.race([ended, introduced]).then(
    () => ended,
    (error: unknown) => GatewayError.from(error),
  )
  live.close()
  await closeControl()
  const code = await closeInTime(() => door.close(watch.crashed() ? 0 : GRACE_MS), watch, log)
  if (outcome instanceof GatewayError) throw outcome
  announcer.stopped()
  return code
}

/** @throws GatewayError `conflict` when it turns out that the configuration leaves something undecided */
async function introduce(door: Door, announcer: Announcer, signal: AbortSignal): Promise<void> {
  announcer.listening(door)
  await announcer.wait(door, signal)
  if (signal.aborted) return
  const { conflicts } = door.running.router
  if (conflicts.length > 0) {
    const { conflictError } = await import('../../catalog/index.ts')
    throw conflictError(conflicts)
  }
  announcer.introduce(door)
}

/** With what the command line says otherwise. */
async function sourceOf(flags: ServeFlags): Promise<Source> {
  const source = await loadSource(flags)
  const { config, quick } = source
  if (flags.stdio !== true) {
    const incoming = config.incomingAuth?.type ?? 'anonymous'
    checkHost(flags.host, { quick, allowed: flags.allowAnonymousRemote === true, incoming })
  }
  return { ...source, config: await withOptimizer(withFlags(config, flags), flags) }
}

function withFlags(config: GatewayConfig, { sessionTtl, enableAudit = false }: ServeFlags): GatewayConfig {
  const { sessions, audit = enableAudit ? DEFAULT_AUDIT : undefined } = config
  return {
    ...config,
    audit,
    sessions: sessionTtl === undefined ? sessions : { ...sessions, ttlMs: sessionTtl },
  }
}

async function withOptimizer(config: GatewayConfig, flags: ServeFlags): Promise<GatewayConfig> {
  if (flags.optimizerEmbedding === true) {
    const { withEmbedding } = await import('../embedding-service.ts')
    return { ...config, optimizer: await withEmbedding(config.optimizer, flags, process.env) }
  }
  return flags.optimizer === true ? { ...config, optimizer: config.optimizer ?? DEFAULT_OPTIMIZER } : config
}
