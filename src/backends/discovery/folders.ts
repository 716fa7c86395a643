import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Env } from './discovery.ts'

/** Where programs keep state between runs (XDG Base Directory Specification; its usual mapping elsewhere). */
export function stateHome(env: Env): string {
  return base(env, 'XDG_STATE_HOME', join('.local', 'state'))
}

export function dataHome(env: Env): string {
  return base(env, 'XDG_DATA_HOME', join('.local', 'share'))
}

function base(env: Env, variable: string, onLinux: string): string {
  const set = env[variable]
  if (set?.startsWith('/')) return set
  if (process.platform === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local')
  const home = env['HOME'] || homedir()
  return process.platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, onLinux)
}
