import type { LoadResult } from './load.ts'
import { parseConfig } from './load.ts'

/** The shortest file that can be served. */
export const MINIMAL = `name: demo
groupRef: dev
incomingAuth:
  type: anonymous
outgoingAuth:
  source: inline
aggregation:
  conflictResolution: prefix
  conflictResolutionConfig:
    prefixFormat: "{workload}_"
`

export function parse(text: string, env: Record<string, string> = {}): LoadResult {
  return parseConfig(text, { file: 'vmcp.yaml', env })
}

/** What is said of `MINIMAL` with something added, as `path: message`. */
export function errorsOf(added: string, env: Record<string, string> = {}): string[] {
  return said('error', MINIMAL + added, env)
}

export function warningsOf(added: string, env: Record<string, string> = {}): string[] {
  return said('warning', MINIMAL + added, env)
}

/** The same for a whole file. */
export function said(severity: string, text: string, env: Record<string, string> = {}): string[] {
  const found = parse(text, env).diagnostics.filter((diagnostic) => diagnostic.severity === severity)
  return found.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
}

/** Errors of a whole file without those that only say that a feature is not built. */
export function faultsIn(text: string, env: Record<string, string> = {}): string[] {
  return said('error', text, env).filter(
    (error) => !error.endsWith('is not supported by this version of vmcp'),
  )
}

export function faultsOf(added: string, env: Record<string, string> = {}): string[] {
  return faultsIn(MINIMAL + added, env)
}

/** `MINIMAL` with one of its blocks replaced. */
export function withBlock(
  key: 'incomingAuth' | 'outgoingAuth' | 'aggregation',
  block: string,
  more = '',
): string {
  const blocks: Record<string, string> = {
    incomingAuth: '{type: anonymous}',
    outgoingAuth: '{source: inline}',
    aggregation: '{conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: x}}',
    [key]: block,
  }
  const lines = Object.entries(blocks).map(([name, value]) => `${name}: ${value}\n`)
  return `name: demo\ngroupRef: dev\n${lines.join('')}${more}`
}
