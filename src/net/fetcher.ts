import { lookup as resolve } from 'node:dns'
import { readFileSync } from 'node:fs'
import { isIP, type LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, request } from 'undici'
import { isPrivateAddress } from '../core/address.ts'
import { GatewayError } from '../core/errors.ts'

export interface FetchPolicy {
  readonly allowPrivateIp: boolean
  readonly allowHttp: boolean
  readonly caBundlePath?: string | undefined
}

export interface FetchRequest {
  /** Of the reply. */
  readonly maxBytes: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent by POST; without one it is a GET. */
  readonly form?: URLSearchParams
}

const CONNECT_MS = 3_000
/** From the beginning, waiting for a socket included, to the last byte. */
const TOTAL_MS = 5_000
const SOCKETS = 16
const MAX_HEADERS = 32 * 1024

/**
 * Asks what the issuer runs for JSON. Names are resolved once for each connection, every address is judged before
 * it is used, and redirects are not followed, so that neither metadata nor DNS can send us elsewhere.
 */
export class Fetcher {
  readonly #policy: FetchPolicy
  readonly #agent: Agent

  /** @throws GatewayError `config` when the CA bundle cannot be read */
  constructor(policy: FetchPolicy) {
    this.#policy = policy
    const ca =
      policy.caBundlePath === undefined ? {} : { ca: [...rootCertificates, read(policy.caBundlePath)] }
    this.#agent = new Agent({
      connections: SOCKETS,
      pipelining: 1,
      maxHeaderSize: MAX_HEADERS,
      connect: { timeout: CONNECT_MS, lookup: judged(policy), ...ca },
    })
  }

  /** @throws Error which says what is wrong with which URL, for the log */
  async json(url: string, { maxBytes, headers = {}, form }: FetchRequest): Promise<unknown> {
    try {
      checkUrl(url, this.#policy)
      const {
        statusCode,
        headers: replied,
        body,
      } = await request(url, {
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(TOTAL_MS),
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
        body: form?.toString() ?? null,
      })
      // A body that is left unread ends in an error, which nobody else would hear.
      body.on('error', () => {})
      if (statusCode !== 200 || replied['content-encoding'] !== undefined) {
        body.destroy()
        throw new Error(statusCode === 200 ? 'it is compressed' : refusal(statusCode))
      }
      return JSON.parse(await text(body, maxBytes))
    } catch (cause) {
      throw new Error(`${shown(url)}: ${reasonOf(cause)}`, { cause })
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

function refusal(status: number): string {
  return status >= 300 && status < 400
    ? `it redirects (HTTP ${status}), which is not followed`
    : `it answered with HTTP ${status}`
}

/** @throws Error */
function checkUrl(text: string, { allowHttp, allowPrivateIp }: FetchPolicy): void {
  const { protocol, username, password, hostname } = new URL(text)
  if (protocol !== 'https:' && !(protocol === 'http:' && allowHttp))
    throw new Error('only https is allowed; insecureAllowHttp allows http for development')
  if (username !== '' || password !== '') throw new Error('the URL may not hold credentials')
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  // Addresses are not looked up.
  if (isIP(host) !== 0 && !allowPrivateIp && isPrivateAddress(host)) throw privateAddress(host)
}

/** Resolves names for connections, and refuses those that have a private address, even one among others. */
function judged({ allowPrivateIp }: FetchPolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0)
      const odd = allowPrivateIp ? undefined : addresses.find(({ address }) => isPrivateAddress(address))
      if (odd !== undefined) return callback(privateAddress(hostname), '', 0)
      if (options.all === true) return callback(null, addresses)
      const [{ address, family } = { address: '', family: 0 }] = addresses
      callback(null, address, family)
    })
  }
}

function privateAddress(host: string): Error {
  return new Error(`${host} has a private address; jwksAllowPrivateIp allows that`)
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

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = (cause as Error).message
    throw new GatewayError('config', `incomingAuth: cannot read the CA bundle '${path}': ${reason}`, {
      cause,
    })
  }
}

/** Some errors of sockets have a code and no message. */
function reasonOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException
  return message || code || 'it cannot be reached'
}
