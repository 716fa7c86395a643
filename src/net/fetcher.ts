import { lookup as resolve } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { Dispatcher } from 'undici'
import { isPrivateAddress } from '../core/address.ts'
import { trusting } from './authorities.ts'
import { Agent, request } from './undici.ts'

export interface FetchPolicy {
  readonly allowPrivateIp: boolean
  readonly allowHttp: boolean
  readonly caBundlePath?: string | undefined
  /** In the place of both flags, for those who have more to say. */
  readonly judge?: Judge | undefined
}

/** Decides where we may be sent. */
export interface Judge {
  /** @returns why nothing is to be asked there */
  url(url: URL): string | undefined
  /** @param host whose address it is @returns why it is not to be connected to */
  address(address: string, host: string): string | undefined
}

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Of the reply. */
  readonly maxBytes: number
  /** From the beginning, waiting for a socket included, to the last byte; 5 s where it is not said. */
  readonly withinMs?: number
}

export interface FetchReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface FetchRequest {
  /** Of the reply. */
  readonly maxBytes: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent by POST; without one it is a GET. */
  readonly form?: URLSearchParams
}

const CONNECT_MS = 3_000
const TOTAL_MS = 5_000
const SOCKETS = 16
const MAX_HEADERS = 32 * 1024

/**
 * Asks what the issuer runs for JSON. Names are resolved once for each connection, every address is judged before
 * it is used, and redirects are not followed, so that neither metadata nor DNS can send us elsewhere.
 */
export class Fetcher {
  readonly #judge: Judge
  readonly #agent: Agent

  /** @throws GatewayError `config` when the CA bundle cannot be read */
  constructor(policy: FetchPolicy) {
    this.#judge = policy.judge ?? judgeBy(policy)
    this.#agent = new Agent({
      connections: SOCKETS,
      pipelining: 1,
      maxHeaderSize: MAX_HEADERS,
      connect: trusting(policy.caBundlePath, { timeout: CONNECT_MS, lookup: judged(this.#judge) }),
    })
  }

  /** @throws Error which says what is wrong with which URL, for the log */
  async json(url: string, { maxBytes, headers = {}, form }: FetchRequest): Promise<unknown> {
    const reply = await this.exchange(url, {
      method: form === undefined ? 'GET' : 'POST',
      headers: { ...(form && { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
      body: form?.toString(),
      maxBytes,
    })
    try {
      if (reply.status !== 200) throw new Error(`it answered with HTTP ${reply.status}`)
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(reply.body))
    } catch (cause) {
      throw about(url, cause)
    }
  }

  /** For those who can do something with other answers than 200. @throws Error as `json` does, and for redirects */
  async exchange(
    url: string,
    { method, headers, body, maxBytes, withinMs = TOTAL_MS }: Exchange,
  ): Promise<FetchReply> {
    try {
      const { origin, pathname, search } = checked(url, this.#judge)
      const reply = await request(this.#agent, {
        origin,
        path: pathname + search,
        signal: AbortSignal.timeout(withinMs),
        method,
        headers: { accept: 'application/json', ...headers },
        body: body ?? null,
      })
      // A body that is left unread ends in an error, which nobody else would hear.
      reply.body.on('error', () => {})
      const refused = refusal(reply)
      if (refused !== undefined) {
        reply.body.destroy()
        throw new Error(refused)
      }
      return {
        status: reply.statusCode,
        headers: joined(reply.headers),
        body: await whole(reply.body, maxBytes),
      }
    } catch (cause) {
      throw about(url, cause)
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

function refusal({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  if (statusCode >= 300 && statusCode < 400) return `it redirects (HTTP ${statusCode}), which is not followed`
  return headers['content-encoding'] === undefined ? undefined : 'it is compressed'
}

function joined(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

function about(url: string, cause: unknown): Error {
  return new Error(`${shown(url)}: ${reasonOf(cause)}`, { cause })
}

/** @throws Error */
function checked(text: string, judge: Judge): URL {
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw new Error('the URL may not hold credentials')
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  // Addresses are not looked up.
  const why = judge.url(url) ?? (isIP(host) === 0 ? undefined : judge.address(host, host))
  if (why !== undefined) throw new Error(why)
  return url
}

/** Resolves names for connections, and refuses those that have a forbidden address, even one among others. */
function judged(judge: Judge): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0)
      const why = addresses
        .map(({ address }) => judge.address(address, hostname))
        .find((it) => it !== undefined)
      if (why !== undefined) return callback(new Error(why), '', 0)
      if (options.all === true) return callback(null, addresses)
      const [{ address, family } = { address: '', family: 0 }] = addresses
      callback(null, address, family)
    })
  }
}

function judgeBy({ allowHttp, allowPrivateIp }: FetchPolicy): Judge {
  return {
    url: ({ protocol }) =>
      protocol === 'https:' || (protocol === 'http:' && allowHttp)
        ? undefined
        : 'only https is allowed; insecureAllowHttp allows http for development',
    address: (address, host) =>
      allowPrivateIp || !isPrivateAddress(address)
        ? undefined
        : `${host} has a private address; jwksAllowPrivateIp allows that`,
  }
}

async function whole(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    length += piece.length
    // Leaving the loop ends the connection.
    if (length > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Without what may be secret in it. */
function shown(text: string): string {
  if (!URL.canParse(text)) return 'what is no URL'
  const { origin, pathname } = new URL(text)
  return origin + pathname
}

/** Some errors of sockets have a code and no message. */
function reasonOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException
  return message || code || 'it cannot be reached'
}
