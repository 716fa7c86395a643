import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StdioBackendConfig } from '../../../core/config.ts'
import type { Log } from '../../../core/log.ts'
import { Failure } from '../failure.ts'
import type { Children, Group } from './children.ts'
import { signalGroup } from './children.ts'
import { childEnvironment } from './environment.ts'
import { Stderr } from './stderr.ts'

export interface ChildOptions {
  readonly config: StdioBackendConfig
  readonly children: Children
  readonly log: Log
  readonly stderrLineBytes: number
  readonly output: (chunk: Buffer) => void
  /** Once, when it has ended or could not be started. */
  readonly ended: (failure: Failure) => void
}

/** How long a child may take to end by itself, and then on request. */
const GRACE_MS = 1_000
const TERM_MS = 2_000
const POLL_MS = 25
/** Characters of what a child said last. */
const WORDS = 500
/** A chunk of this size is all that the pipe gives at a time: there is more. */
const FULL_CHUNK = 64 * 1024

/** A server as a child process, the first of a process group of its own. */
export class Child implements Group {
  readonly #options: ChildOptions
  readonly #process: ChildProcessWithoutNullStreams
  readonly #stderr: Stderr
  readonly #gone: Promise<unknown>
  #ended = false
  #corked = false
  #closing: Promise<void> | undefined

  constructor(options: ChildOptions) {
    this.#options = options
    const { config, log, stderrLineBytes } = options
    this.#stderr = new Stderr(config.name, log, stderrLineBytes)
    this.#process = spawn(config.command, [...config.args], {
      cwd: config.cwd,
      env: childEnvironment(process.env, config.env),
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: 'pipe',
    })
    this.#gone = this.#watch()
  }

  /** Bytes that wait for the child to read them. */
  get unread(): number {
    return this.#process.stdin.writableLength
  }

  /** Messages of one turn of the event loop leave in one write. */
  write(bytes: Buffer): void {
    const { stdin } = this.#process
    if (!stdin.writable) return
    if (!this.#corked) {
      this.#corked = true
      stdin.cork()
      process.nextTick(() => {
        this.#corked = false
        stdin.uncork()
      })
    }
    stdin.write(bytes)
  }

  /** 0 when it could not be started. */
  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Ends the child and everything it started: closed input, then SIGTERM, then SIGKILL. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { pid } = this
    if (pid === 0) return
    this.#process.stdin.end()
    await within(this.#gone, GRACE_MS)
    if (signalGroup(pid, 'SIGTERM')) await emptied(pid, TERM_MS)
    if (signalGroup(pid, 'SIGKILL')) await emptied(pid, TERM_MS)
    await within(this.#gone, GRACE_MS)
    this.#options.children.remove(this)
  }

  #watch(): Promise<unknown> {
    const child = this.#process
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk))
    child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk))
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {})
    child.on('error', (error: NodeJS.ErrnoException) => this.#end(notStarted(this.#options.config, error)))
    if (child.pid === undefined) return Promise.resolve()
    this.#options.children.add(this)
    child.on('exit', (code, signal) => this.#onExit(code, signal))
    return once(child, 'exit')
  }

  /** Lets others have a turn, however much a child prints. */
  #take(chunk: Buffer): void {
    const { stdout } = this.#process
    this.#options.output(chunk)
    if (chunk.length < FULL_CHUNK) return
    stdout.pause()
    setImmediate(() => stdout.resume())
  }

  /** What the child said last may come after its end; a grandchild may hold the pipes open for ever. */
  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    const { stdout, stderr } = this.#process
    const flushed = Promise.all([stdout, stderr].map((stream) => stream.readableEnded || once(stream, 'end')))
    void within(flushed, GRACE_MS).then(() => {
      this.#stderr.end()
      this.#end(ended(code, signal, this.#stderr.telling))
    })
  }

  #end(failure: Failure): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.ended(failure)
  }
}

/** Waits, but not for ever. Never rejects. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController()
  const late = sleep(ms, undefined, { signal: over.signal })
  await Promise.race([promise, late]).catch(() => {})
  over.abort()
  await late.catch(() => {})
}

async function emptied(pid: number, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  while (signalGroup(pid, 0) && performance.now() < end) await sleep(POLL_MS)
}

function notStarted(config: StdioBackendConfig, error: NodeJS.ErrnoException): Failure {
  return new Failure('unsent', `cannot start '${config.command}': ${whyNotStarted(config, error)}`, {
    cause: error,
  })
}

function whyNotStarted(config: StdioBackendConfig, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT')
    return config.cwd === undefined
      ? 'command not found; install it, or give its full path'
      : `command not found, or no folder '${config.cwd}'; correct command or cwd`
  if (error.code === 'EACCES') return 'permission denied; make it executable, or correct the command'
  return error.message
}

/** What it said may be a secret, which callers are not told. */
function ended(code: number | null, signal: string | null, line: string | undefined): Failure {
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`
  if (line === undefined) return new Failure('broken', `the process ${how} and said nothing on stderr`)
  return new Failure('broken', `the process ${how}`, { facts: { stderr: line.slice(0, WORDS) } })
}
