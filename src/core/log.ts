/** Facts of a log line. Never secrets; `err` is printed with its stack and causes at level debug only. */
export type LogFields = Readonly<Record<string, unknown>>

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** The log as every room sees it; `observe/log.ts` writes it. */
export interface Log {
  readonly debug: (fields: LogFields, message: string) => void
  readonly info: (fields: LogFields, message: string) => void
  readonly warn: (fields: LogFields, message: string) => void
  readonly error: (fields: LogFields, message: string) => void
}

/** For tests and embedders that want none. */
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
