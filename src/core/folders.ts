import { homedir } from 'node:os'
import { join } from 'node:path'

export type Env = Readonly<Record<string, string | undefined>>

/** Where programs keep state between runs (XDG Base Directory Specification; its usual mapping elsewhere). */
export function stateHome(env: Env): string {
  return base(env, 'XDG_STATE_HOME', join('.local', 'state'))
}

export function dataHome(env: Env): string {
  return base(env, 'XDG_DATA_HOME', join('.local', 'share'))
}

/** Where our servers say that they run, and how they are spoken with (the same). */
export function runFolder(env: Env): string {
  const set = env['XDG_RUNTIME_DIR']
  return set?.startsWith('/') ? join(set, 'vmcp') : join(stateHome(env), 'vmcp', 'run')
}

function base(env: Env, variable: string, onLinux: string): string {
  const set = env[variable]
  if (set?.startsWith('/')) return set
  if (process.platform === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local')
  const home = env['HOME'] || homedir()
  return process.platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, onLinux)
}
