import pc from 'picocolors'
import { pino } from 'pino'
import type { Log, LogFields, LogLevel } from '../core/log.ts'
import { printable } from './printable.ts'

export type LogFormat = 'text' | 'json'

export interface LogOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  readonly color?: boolean
  /** Takes whole lines. Default: stderr. */
  readonly write?: (line: string) => void
}

/** A log whose level can be another later. */
export interface LevelLog extends Log {
  level: LogLevel
}

/** A log of one line per event. */
export function createLog(options: LogOptions): LevelLog {
  const write = options.write ?? ((line: string) => void process.stderr.write(line))
  const out =
    options.format === 'json' ? write : (line: string) => write(asText(line, options.color ?? false))
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
      serializers: {
        err: (error: unknown) => (logger.level === 'debug' ? describeFully(error) : describe(error)),
      },
    },
    { write: out },
  )
  const at = (level: LogLevel) => (fields: LogFields, message: string) => logger[level](fields, message)
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    get level() {
      return logger.level as LogLevel
    },
    set level(level) {
      logger.level = level
    },
  }
}

function describe(error: unknown): unknown {
  return error instanceof Error ? error.message : String(error)
}

/** Message and stack of the error and of what caused it, at most this deep. */
const MAX_CAUSES = 5

function describeFully(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error)
  const cause =
    error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describeFully(error.cause, depth + 1) }
  return { message: error.message, stack: error.stack, ...cause }
}

interface Line {
  readonly level: LogLevel
  readonly time: string
  readonly message: string
  readonly err?: unknown
}

function asText(line: string, color: boolean): string {
  const { level, time, message, err, ...fields } = JSON.parse(line) as Line & Record<string, unknown>
  const colors = pc.createColors(color)
  const paint = { debug: colors.gray, info: colors.cyan, warn: colors.yellow, error: colors.red }[level]
  const facts = Object.entries(fields).map(([key, value]) => ` ${colors.dim(`${key}=`)}${fact(value)}`)
  const clock = colors.dim(time.slice(11, 23))
  const head = `${clock} ${paint(level.toUpperCase().padEnd(5))} ${printable(message ?? '')}${facts.join('')}`
  return `${head}${trouble(err)}\n`
}

function fact(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[^\s"=]+$/.test(text) ? printable(text) : JSON.stringify(printable(text))
}

function trouble(err: unknown): string {
  if (err === undefined) return ''
  if (typeof err === 'string') return `: ${printable(err)}`
  const { message, stack, cause } = err as { message: string; stack?: string; cause?: unknown }
  const lines = (stack ?? message).split('\n').map(printable).join('\n    ')
  return `\n    ${lines}${cause === undefined ? '' : `\n  caused by${trouble(cause)}`}`
}
