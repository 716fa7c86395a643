import { resolve } from 'node:path'
import type { Diagnostic } from '../config/diagnostics.ts'
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
  /** Warnings and deprecations. */
  readonly diagnostics: readonly Diagnostic[]
  /** Sentences for the operator. */
  readonly notes: readonly string[]
  /** Files and folders that change when it does. */
  readonly places: readonly string[]
  /** Whether it may change without any of the places changing. */
  readonly polled: boolean
}

/** @throws UserError, ConfigError, GatewayError `config` */
export async function loadSource(options: SourceOptions): Promise<Source> {
  const { config, group, from } = options
  const given = [config, group, from].filter((one) => one !== undefined)
  if (given.length === 0)
    throw usageError(
      'either --config or --group must be specified (or --from with the JSON file of an editor); `vmcp group create` begins a group',
    )
  if (given.length > 1) throw usageError('--config, --group and --from exclude each other')
  if (config !== undefined) return fromFile(config)
  return group === undefined ? fromEditors(from ?? []) : fromGroup(group)
}

/** Warnings go to stderr, what is worth knowing to `note`. */
export async function tellOf(
  { diagnostics, notes }: Source,
  terminal: Terminal,
  note: (text: string) => void,
): Promise<void> {
  if (diagnostics.length > 0) {
    const { formatDiagnostics } = await import('../config/diagnostics.ts')
    terminal.write(formatDiagnostics(diagnostics, { color: terminal.errorColors.isColorSupported }))
  }
  notes.forEach(note)
}

async function fromFile(file: string): Promise<Source> {
  const { lint, loadConfig } = await import('../config/index.ts')
  const loaded = await loadConfig(file, { env: process.env })
  if (!loaded.ok) throw new ConfigError(loaded.diagnostics)
  const { config, notes, places, polled } = await withGroup(loaded)
  const { files, source } = loaded
  const diagnostics = [...loaded.diagnostics, ...lint(config, source, new Map())]
  return { config, quick: false, diagnostics, notes, places: [resolve(file), ...files, ...places], polled }
}

async function fromEditors(files: readonly string[]): Promise<Source> {
  const { editor } = await import('../backends/discovery/index.ts')
  const { backends, notes } = await editor.discover(files, process.env)
  const places = files.map((file) => resolve(file))
  return quickSource(undefined, { backends, notes, places, polled: false })
}

async function fromGroup(group: string): Promise<Source> {
  const { resolveGroup } = await import('../backends/discovery/index.ts')
  return quickSource(group, await resolveGroup(group, process.env))
}

export type Loaded = Extract<LoadResult, { ok: true }>

type Grouped = Pick<Source, 'config' | 'notes' | 'places' | 'polled'>

/** A file that lists no backends serves those of its group. @throws GatewayError `config` */
export async function withGroup({ config, defaults }: Loaded): Promise<Grouped> {
  if (config.group === undefined || config.backends.length > 0)
    return { config, notes: [], places: [], polled: false }
  const { resolveGroup } = await import('../backends/discovery/index.ts')
  const { applyDefaults } = await import('../config/index.ts')
  const { backends, ...found } = await resolveGroup(config.group, process.env)
  return { config: { ...config, backends: applyDefaults(backends, defaults) }, ...found }
}

interface Discovered extends Pick<Source, 'notes' | 'places' | 'polled'> {
  readonly backends: readonly BackendConfig[]
}

function quickSource(group: string | undefined, found: Discovered): Source {
  const { backends, places, polled } = found
  const none = backends.length === 0 ? ['there are no backends; nothing is served'] : []
  const config = {
    name: group === undefined ? 'vmcp' : `${group}-vmcp`,
    group,
    backends,
    aggregation: DEFAULT_AGGREGATION,
    passthroughHeaders: [],
    sessions: DEFAULT_SESSIONS,
  }
  return { config, quick: true, diagnostics: [], notes: [...found.notes, ...none], places, polled }
}
