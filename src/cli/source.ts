import type { LoadResult } from '../config/index.ts'
import {
  type BackendConfig,
  DEFAULT_AGGREGATION,
  DEFAULT_SESSIONS,
  type GatewayConfig,
} from '../core/config.ts'
import { ConfigError, usageError } from './exit.ts'
import type { Terminal } from './terminal.ts'

/** Where the backends come from; exactly one is to be given. */
export interface SourceOptions {
  readonly config?: string
  readonly group?: string
  readonly from?: readonly string[]
}

export interface Source {
  readonly config: GatewayConfig
  /** Without a configuration file: anonymous, prefix, loopback only. */
  readonly quick: boolean
}

type Note = (text: string) => void

/** What is worth knowing of it goes to `note`. @throws UserError, ConfigError, GatewayError `config` */
export async function loadSource(options: SourceOptions, terminal: Terminal, note: Note): Promise<Source> {
  const { config, group, from } = options
  const given = [config, group, from].filter((one) => one !== undefined)
  if (given.length === 0)
    throw usageError(
      'either --config or --group must be specified (or --from with the JSON file of an editor); `vmcp group create` begins a group',
    )
  if (given.length > 1) throw usageError('--config, --group and --from exclude each other')
  if (config !== undefined) return fromFile(config, terminal, note)
  const discovery = await import('../backends/discovery/index.ts')
  const { backends, notes } =
    group === undefined
      ? await discovery.editor.discover(from ?? [], process.env)
      : await discovery.resolveGroup(group, process.env)
  notes.forEach(note)
  if (backends.length === 0) note('there are no backends; nothing is served')
  return { config: quickConfig(group, backends), quick: true }
}

/** Warnings and deprecations go to stderr. */
async function fromFile(file: string, terminal: Terminal, note: Note): Promise<Source> {
  const { formatDiagnostics, loadConfig } = await import('../config/index.ts')
  const loaded = await loadConfig(file, { env: process.env })
  if (!loaded.ok) throw new ConfigError(loaded.diagnostics)
  terminal.write(formatDiagnostics(loaded.diagnostics, { color: terminal.errorColors.isColorSupported }))
  const { config, notes } = await withGroup(loaded)
  notes.forEach(note)
  return { config, quick: false }
}

export type Loaded = Extract<LoadResult, { ok: true }>

/** A file that lists no backends serves those of its group. @throws GatewayError `config` */
export async function withGroup({
  config,
  defaults,
}: Loaded): Promise<{ config: GatewayConfig; notes: readonly string[] }> {
  if (config.group === undefined || config.backends.length > 0) return { config, notes: [] }
  const { resolveGroup } = await import('../backends/discovery/index.ts')
  const { applyDefaults } = await import('../config/index.ts')
  const { backends, notes } = await resolveGroup(config.group, process.env)
  return { config: { ...config, backends: applyDefaults(backends, defaults) }, notes }
}

function quickConfig(group: string | undefined, backends: readonly BackendConfig[]): GatewayConfig {
  return {
    name: group === undefined ? 'vmcp' : `${group}-vmcp`,
    group,
    backends,
    aggregation: DEFAULT_AGGREGATION,
    passthroughHeaders: [],
    sessions: DEFAULT_SESSIONS,
  }
}
