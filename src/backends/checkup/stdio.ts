import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StdioBackendConfig } from '../../core/config.ts'
import { VERSIONS } from '../mcp/legacy/handshake.ts'
import { signalGroup } from '../mcp/stdio/children.ts'
import { childEnvironment } from '../mcp/stdio/environment.ts'
import { type Finding, finding, HELLO, judgeAnswer, shown } from './finding.ts'

/** What a program did until it was known what is wrong, or the time was over. */
interface Observed {
  readonly error: NodeJS.ErrnoException | undefined
  readonly exit: string | undefined
  /** Whole lines of stdout. */
  readonly lines: readonly string[]
  readonly complaints: readonly string[]
}

const MOST_TEXT = 64 * 1024
const LAST_LINES = 5
/** For what a program that ends says last. */
const LAST_WORDS_MS = 100

/** Starts a program once more, says hello to it, and what is wrong with what it does; `undefined` where nothing is. */
export async function checkStdio(config: StdioBackendConfig, waitMs: number): Promise<Finding | undefined> {
  const child = spawn(config.command, [...config.args], {
    cwd: config.cwd,
    env: childEnvironment(process.env, config.env),
    detached: process.platform !== 'win32',
    stdio: 'pipe',
  })
  try {
    return judge(await observe(child, waitMs), config, waitMs)
  } finally {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
  }
}

async function observe(child: ChildProcessWithoutNullStreams, waitMs: number): Promise<Observed> {
  const seen = {
    error: undefined as NodeJS.ErrnoException | undefined,
    exit: undefined as string | undefined,
  }
  let out = ''
  let err = ''
  const enough = new AbortController()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out = (out + text).slice(0, MOST_TEXT)
    if (out.includes('\n')) enough.abort()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err = (err + text).slice(-MOST_TEXT)
  })
  child.stdin.on('error', () => {})
  child.once('error', (error) => {
    seen.error = error
    enough.abort()
  })
  child.once('exit', (code, signal) => {
    seen.exit = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
    enough.abort()
  })
  child.stdin.write(`${JSON.stringify(HELLO)}\n`)
  await sleep(waitMs, undefined, { signal: enough.signal }).catch(() => {})
  await sleep(LAST_WORDS_MS)
  const whole = (text: string) => text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return { ...seen, lines: whole(out), complaints: whole(err).slice(-LAST_LINES) }
}

function judge(observed: Observed, config: StdioBackendConfig, waitMs: number): Finding | undefined {
  const { error, exit, lines, complaints } = observed
  if (error !== undefined) return notStarted(error, config)
  const [first] = lines
  if (first !== undefined && !first.trimStart().startsWith('{')) return prints(first)
  if (first !== undefined) return judgeAnswer(first, VERSIONS)
  const words = complaints.length === 0 ? 'without a word on stderr' : `and says: ${complaints.join(' / ')}`
  if (exit !== undefined)
    return finding(
      'exits',
      `the program ${exit} at once, ${words}`,
      'run the command by hand, and mend what it says',
    )
  const so = complaints.length === 0 ? '' : `; on stderr it says: ${complaints.join(' / ')}`
  return finding(
    'silent',
    `the program runs, and does not answer within ${waitMs / 1000} s${so}`,
    'check that the command is that of a stdio server; where it is slow, give --wait',
  )
}

function notStarted({ code, message }: NodeJS.ErrnoException, { command, cwd }: StdioBackendConfig): Finding {
  if (code === 'ENOENT' && cwd !== undefined && !existsSync(cwd))
    return finding('not_found', `there is no folder ${cwd} to run it in`, 'correct cwd')
  if (code === 'ENOENT')
    return finding('not_found', `there is no program ${command}`, 'install it, or give its full path')
  if (code === 'EACCES')
    return finding('not_found', `${command} cannot be executed`, 'make it executable, or correct the command')
  return finding('other', `${command} cannot be started: ${message}`, 'correct the command')
}

function prints(line: string): Finding {
  return finding(
    'prints',
    `it prints ${shown(line)} to stdout, where only the protocol may be`,
    'have the server log to stderr, or check that the command is that of a stdio server',
  )
}
