import type { Readable, Writable } from 'node:stream'
import { GatewayError } from '../core/errors.ts'
import type { Gateway } from '../core/gateway.ts'
import { MAX_MESSAGE } from './mcp/message.ts'
import { createService } from './mcp/service.ts'
import { shutDown } from './mcp/shutdown.ts'
import type { Front, FrontOptions } from './options.ts'
import { Connection } from './stdio/connection.ts'
import { Lines } from './stdio/lines.ts'
import { StdioOutlet } from './stdio/outlet.ts'

/** A client that has closed its end may still be reading the replies to what it sent. */
const GRACE_MS = 2_000

export interface StdioStreams {
  readonly input: Readable
  readonly output: Writable
}

export interface StdioFront extends Pick<Front, 'connections' | 'judge'> {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Serves one client on a pair of streams, one message per line. The end of the input ends the connection. */
export function serveStdio(
  gateway: Gateway,
  options: FrontOptions,
  { input, output }: StdioStreams = { input: process.stdin, output: process.stdout },
): StdioFront {
  const service = createService(gateway, options)
  const connection = new Connection(service, new StdioOutlet(input, output))
  const lines = new Lines((line) => {
    if (line === undefined) connection.refuse(tooLong())
    else connection.receive(line).catch((err) => options.log.error({ err }, 'a message was not served'))
  })
  const { promise: closed, resolve } = withResolver()
  let ending: Promise<void> | undefined

  const close = (graceMs: number): Promise<void> => {
    ending ??= shutDown(service, graceMs)
      .then(() => flush(output))
      .then(resolve)
    return ending
  }
  input.on('data', (chunk: Buffer) => lines.push(chunk))
  input.once('end', () => {
    lines.end()
    void close(GRACE_MS)
  })
  input.once('close', () => void close(GRACE_MS))
  input.once('error', () => void close(0))
  output.once('error', () => void close(0))
  return {
    closed,
    get connections() {
      return { sessions: service.sessions.size, streams: service.stays.size }
    },
    judge: () => service.stays.judge(),
    async close() {
      input.pause()
      await close(0)
    },
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function flush(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (output.writable) output.write('', () => resolve())
    else resolve()
  })
}

function tooLong(): GatewayError {
  return new GatewayError('too_large', `a message may have ${MAX_MESSAGE / 1024 / 1024} MB at most`)
}
