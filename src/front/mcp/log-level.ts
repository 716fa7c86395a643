import type { Caller } from '../../core/caller.ts'

/** RFC 5424 severities, in rising order (MCP, server/utilities/logging). */
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const

export type LogLevel = (typeof LEVELS)[number]

export function isLogLevel(value: unknown): value is LogLevel {
  return (LEVELS as readonly unknown[]).includes(value)
}

/** The least severe message that a legacy client gets: without `logging/setLevel`, every one that servers send. */
export function floorOf({ logLevel }: Caller): LogLevel {
  return isLogLevel(logLevel) ? logLevel : 'debug'
}

export const LEVEL_NAMES = LEVELS.join(', ')

/** Whether a message of `level` passes a floor. What has no known level passes. */
export function passes(level: unknown, floor: LogLevel): boolean {
  return !isLogLevel(level) || LEVELS.indexOf(level) >= LEVELS.indexOf(floor)
}
