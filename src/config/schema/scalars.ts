import { z } from 'zod'
import { DURATION_PATTERN, formatDuration, MAX_DURATION_MS, parseDuration } from '../duration.ts'

/** Text that may not be empty. */
export function text(description: string) {
  return z.string().min(1).describe(description)
}

/** A time in Go's syntax, as milliseconds. */
export function duration(description: string, atLeastMs = 1) {
  return z
    .string({ error: ({ input }) => (typeof input === 'number' ? bareNumber(input) : undefined) })
    .transform((written, context) => {
      const ms = parseDuration(written)
      const message = judge(written, ms, atLeastMs)
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: written })
      return ms ?? 0
    })
    .meta({ description, pattern: DURATION_PATTERN, examples: ['30s', '1m30s'] })
}

function bareNumber(input: number): string {
  return `invalid duration: write "${input}s" (or ms, m, h) instead of ${input}`
}

function judge(written: string, ms: number | undefined, atLeastMs: number): string | undefined {
  if (ms === undefined) {
    const shown = JSON.stringify(written.slice(0, 40))
    return `invalid duration: expected something like "30s", "1m30s" or "1.5h", found ${shown}`
  }
  if (ms < atLeastMs)
    return `invalid duration: must be ${atLeastMs === 1 ? 'more than 0' : `at least ${formatDuration(atLeastMs)}`}`
  return ms > MAX_DURATION_MS ? 'invalid duration: must be at most 596h' : undefined
}

/** Whether a duration may be zero is the second argument of `duration`. */
export const MAY_BE_ZERO = 0

export function httpUrl(description: string) {
  return z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' }).describe(description)
}

export function stringMap(description: string) {
  return z.record(z.string(), z.string()).describe(description)
}

/** Any JSON under the user's own names. */
export function freeMap(description: string) {
  return z.record(z.string(), z.unknown()).describe(description)
}

export function list(description: string) {
  return z.array(z.string().min(1)).describe(description)
}

export function flag(description: string, byDefault: boolean) {
  return z.boolean().default(byDefault).describe(description)
}

export function count(description: string, least: number, most = Number.MAX_SAFE_INTEGER) {
  return z.int().min(least).max(most).describe(description)
}

/** A number that other tools want in quotes; both ways of writing are read. */
export function ratio(description: string, most: number) {
  return z
    .union([z.number(), z.string()])
    .transform((written, context) => {
      const value = typeof written === 'number' || written.trim() !== '' ? Number(written) : Number.NaN
      if (value >= 0 && value <= most) return value
      context.issues.push({ code: 'custom', message: `expected a number from 0 to ${most}`, input: written })
      return 0
    })
    .describe(description)
}

export function envName(description: string) {
  return z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected the name of an environment variable' })
    .describe(description)
}

export function headerName(description: string) {
  return z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, { error: 'expected the name of an HTTP header' })
    .describe(description)
}

/** Visible ASCII, spaces and tabs; what else a header holds is not portable, and line breaks are an attack. */
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

export function headerValue(description: string) {
  return z
    .string()
    .regex(HEADER_VALUE, { error: 'a header value may not hold line breaks or control characters' })
    .describe(description)
}

export const caBundlePath = absolutePath

export function absolutePath(description: string) {
  return z
    .string()
    .refine((path) => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path), {
      error: 'expected an absolute path',
    })
    .refine((path) => !path.split(/[\\/]/).includes('..'), { error: 'the path may not contain ..' })
    .refine((path) => !path.includes('\0'), { error: 'the path may not contain NUL' })
    .describe(description)
}
