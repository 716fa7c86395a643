import { lookup as resolve } from 'node:dns'
import { readFileSync } from 'node:fs'
import { isIP, type LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, request } from 'undici'
import { isLoopback, isPrivateAddress, isThisMachine } from '../core/address.ts'
import { GatewayError } from '../core/errors.ts'

export interface FetchPolicy {
  readonly allowPrivateIp: boolean
  /** `loopback`: plain HTTP only to this machine. */
  readonly allowHttp: boolean | 'loopback'
  readonly caBundlePath?: string | undefined
  /** What the configuration calls these, for errors. */
  readonly keys: FetchKeys
}

export interface FetchKeys {
  /** The block that they are in. */
  readonly block: string
  readonly allowPrivateIp: string
  readonly allowHttp: string
}

export interface FetchRequest {
  /** Of the reply. */
  readonly maxBytes: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent by POST; without one it is a GET. */
  readonly form?: URLSearchParams
  /** From the beginning, waiting for a socket included, to the last byte; 5 s where it is not said. */
  readonly withinMs?: number
}

export interface Reply {
  readonly status: number
  /** JSON; `undefined` where an answer other than 200 is none. */
  readonly body: unknown
}

const CONNECT_MS = 3_000
const TOTAL_MS = 5_000
const SOCKETS = 16
const MAX_HEADERS = 32 * 1024

/**
 * Asks what identity providers run for JSON. Names are resolved once for each connection, every address is judged before
 * it is used, and redirects are not followed, so that neither metadata nor DNS can send us elsewhere.
 */
export class Fetcher {
  readonly #policy: FetchPolicy
  readonly #agent: Agent

  /** @throws GatewayError `config` when the CA bundle cannot be read */
  constructor(policy: FetchPolicy) {
    this.#policy = policy
    const ca =
      policy.caBundlePath === undefined
        ? {}
        : { ca: [...rootCertificates, read(policy.caBundlePath, policy)] }
    this.#agent = new Agent({
      connections: SOCKETS,
      pipelining: 1,
      maxHeaderSize: MAX_HEADERS,
      connect: { timeout: CONNECT_MS, lookup: judged(policy), ...ca },
    })
  }

  /** @throws Error which says what is wrong with which URL, for the log */
  async json(url: string, options: FetchRequest): Promise<unknown> {
    const { status, body } = await this.reply(url, options)
    if (status !== 200) throw new Error(`${shown(url)}: it answered with HTTP ${status}`)
    return body
  }

  /** The same where other answers than 200 say something too. */
  async reply(url: string, options: FetchRequest): Promise<Reply> {
    try {
      checkUrl(url, this.#policy)
      return await this.#ask(url, options)
    } catch (cause) {
      throw new Error(`${shown(url)}: ${reasonOf(cause)}`, { cause })
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #ask(
    url: string,
    { maxBytes, headers = {}, form, withinMs = TOTAL_MS }: FetchRequest,
  ): Promise<Reply> {
    const reply = await request(url, {
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(withinMs),
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      body: form?.toString() ?? null,
    })
    const { statusCode: status, body } = reply
    // A body that is left unread ends in an error, which nobody else would hear.
    body.on('error', () => {})
    const odd = oddity(status, reply.headers)
    if (odd === undefined) return { status, body: parse(await text(body, maxBytes), status) }
    body.destroy()
    throw new Error(odd)
  }
}

function oddity(status: number, headers: Dispatcher.ResponseData['headers']): string | undefined {
  if (status >= 300 && status < 400) return `it redirects (HTTP ${status}), which is not followed`
  return headers['content-encoding'] === undefined ? undefined : 'it is compressed'
}

/** @throws Error */
function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (status === 200) throw error
    return undefined
  }
}

/** @throws Error */
function checkUrl(text: string, { allowHttp, allowPrivateIp, keys }: FetchPolicy): void {
  const { protocol, username, password, hostname } = new URL(text)
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const isHttp = protocol === 'http:' && (allowHttp === true || (allowHttp && isThisMachine(host)))
  if (protocol !== 'https:' && !isHttp)
    throw new Error(`only https is allowed; ${keys.allowHttp} allows http for development`)
  if (username !== '' || password !== '') throw new Error('the URL may not hold credentials')
  // Addresses are not looked up.
  if (isIP(host) !== 0 && !allowPrivateIp && isPrivateAddress(host)) throw privateAddress(host, keys)
}

/** Resolves names for connections, and refuses those that have a private address, even one among others. */
function judged({ allowPrivateIp, keys }: FetchPolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0)
      const found = addresses.map(({ address }) => address)
      if (!allowPrivateIp && found.some(isPrivateAddress))
        return callback(privateAddress(hostname, keys), '', 0)
      if (isThisMachine(hostname) && !found.every(isLoopback))
        return callback(new Error(`${hostname} does not resolve to this machine`), '', 0)
      if (options.all === true) return callback(null, addresses)
      const [{ address, family } = { address: '', family: 0 }] = addresses
      callback(null, address, family)
    })
  }
}

function privateAddress(host: string, keys: FetchKeys): Error {
  return new Error(`${host} has a private address; ${keys.allowPrivateIp} allows that`)
}

async function text(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    length += piece.length
    // Leaving the loop ends the connection.
    if (length > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
}

/** Without what may be secret in it. */
function shown(text: string): string {
  if (!URL.canParse(text)) return 'what is no URL'
  const { origin, pathname } = new URL(text)
  return origin + pathname
}

function read(path: string, { keys }: FetchPolicy): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = (cause as Error).message
    throw new GatewayError('config', `${keys.block}: cannot read the CA bundle '${path}': ${reason}`, {
      cause,
    })
  }
}

/** Some errors of sockets have a code and no message. */
function reasonOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException
  return message || code || 'it cannot be reached'
}
