import type { Era } from '../../core/caller.ts'
import type { JsonObject } from '../../core/catalog.ts'
import type { FrontOptions } from '../options.ts'

/** The protocol versions that are really served, newest first. */
export const MODERN_VERSION = '2026-07-28'
export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
export const LATEST_LEGACY = '2025-11-25'
/** The one version that has JSON-RPC batches (MCP 2025-03-26, basic). */
export const BATCH_VERSION = '2025-03-26'
/** The first version whose clients bear an event without data (SEP-1699); earlier ones take it for a message. */
export const PRIMING_VERSION = '2025-11-25'
export const ALL_VERSIONS: readonly string[] = [MODERN_VERSION, ...LEGACY_VERSIONS]

/** What every client is offered, whatever the backends of the moment have: lists may fill later. */
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  logging: {},
  completions: {},
} as const

/** What clients of an era are told that we can do: what is always so, and what backends of that era add. */
export function capabilitiesOf({ capabilities }: FrontOptions, era: Era): JsonObject {
  return { ...CAPABILITIES, ...capabilities?.(era) }
}
