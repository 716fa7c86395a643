import { readFileSync } from 'node:fs'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { rootCertificates } from 'node:tls'
import type { HttpBackendConfig } from '../../core/config.ts'
import { silent } from '../../core/log.ts'
import { DEFAULT_TOKEN_CACHE } from '../../core/outgoing-auth-config.ts'
import {
  type Credentials,
  createCredentials,
  type Headers,
  Keyring,
  secretsIn,
  withoutSaid,
} from '../auth/index.ts'
import { createDress } from '../dress.ts'
import { VERSIONS } from '../mcp/legacy/handshake.ts'
import { type Finding, finding, HELLO, judgeAnswer, shown } from './finding.ts'
import { judgeTls, speaksTls } from './tls.ts'

interface Answer {
  readonly status: number
  readonly type: string
  readonly location: string | undefined
  readonly text: string
  /** What is to be done about a refusal. */
  readonly advice?: string
}

const MOST_BYTES = 64 * 1024

/** Says hello to a server by hand, and what is wrong with how it answers; `undefined` where nothing is. */
export async function checkHttp(config: HttpBackendConfig, waitMs: number): Promise<Finding | undefined> {
  const url = new URL(config.url)
  try {
    return judge(await hello(config, url, waitMs), config, url)
  } catch (error) {
    return judgeError(error as NodeJS.ErrnoException, url, waitMs)
  }
}

async function hello(config: HttpBackendConfig, url: URL, waitMs: number): Promise<Answer> {
  const keyring = new Keyring(DEFAULT_TOKEN_CACHE, silent)
  const { name: backend, caBundlePath, auth } = config
  const credentials = createCredentials(auth, {
    backend,
    url: config.url,
    caBundlePath,
    keyring,
    log: silent,
  })
  try {
    return await helloWith(credentials, { config, url, waitMs })
  } finally {
    await Promise.all([credentials.close?.(), keyring.close()])
  }
}

interface Hello {
  readonly config: HttpBackendConfig
  readonly url: URL
  readonly waitMs: number
}

async function helloWith(credentials: Credentials, { config, url, waitMs }: Hello): Promise<Answer> {
  const isSse = config.transport === 'sse'
  const method = isSse ? 'GET' : 'POST'
  const body = isSse ? null : Buffer.from(JSON.stringify(HELLO))
  const dress = createDress(config, credentials)
  const dressed = await dressedBy(() => dress.headers({ method, body, caller: undefined }, url))
  const accept = isSse ? 'text/event-stream' : 'application/json, text/event-stream'
  const ca = config.caBundlePath === undefined ? {} : { ca: trusted(config.caBundlePath) }
  const signal = AbortSignal.timeout(waitMs)
  const options = { ...ca, method, agent: false, signal }
  const headers = { ...dressed, accept, ...(!isSse && { 'content-type': 'application/json' }) }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp
    const asked = request(url, { ...options, headers }, resolve)
    asked.on('error', (error) => reject(signal.aborted ? new Late() : error))
    asked.end(body ?? undefined)
  })
  const { statusCode: status, headers: replied } = response
  const isRefused = status === 401 || status === 403
  const challenge = replied['www-authenticate']
  const secrets = secretsIn(dressed)
  const advice = isRefused && credentials.advice?.({ status, challenge, sent: dressed, caller: undefined })
  const { text, location, ...rest } = await read(response).catch((error: Error) => {
    throw signal.aborted ? new Late('it begins to answer, and is not through') : new BrokenOff(error.message)
  })
  const [safe = '', place] = [text, location].map((it) => it && withoutSaid(it, secrets))
  return { ...rest, text: safe, location: place, ...(advice && { advice }) }
}

/** @throws Unmade where there are no credentials */
async function dressedBy(dress: () => Headers | Promise<Headers>): Promise<Headers> {
  try {
    return await dress()
  } catch (error) {
    throw new Unmade((error as Error).message)
  }
}

class Unmade extends Error {}

class Late extends Error {
  constructor(what = 'it takes the connection and does not answer') {
    super(what)
  }
}

/** In the middle of its answer. */
class BrokenOff extends Error {}

function trusted(path: string): string[] {
  return [...rootCertificates, readFileSync(path, 'utf8')]
}

/** Until it has said something whole: a stream may stay open for ever. */
async function read(response: IncomingMessage): Promise<Answer> {
  const { statusCode = 0, headers } = response
  const type = headers['content-type'] ?? ''
  let text = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk
    if (text.length > MOST_BYTES || (type.startsWith('text/event-stream') && text.includes('\n\n'))) break
  }
  response.destroy()
  return { status: statusCode, type, location: headers.location, text }
}

function judge(
  { status, type, location, text, advice }: Answer,
  config: HttpBackendConfig,
  url: URL,
): Finding | undefined {
  if (status === 401 || status === 403) return credentials(status, config, advice)
  if (status >= 300 && status < 400)
    return finding('redirect', `it redirects to ${location ?? 'nowhere'}`, 'put that address into the url')
  if (status === 404 || status === 405)
    return finding(
      'path',
      `there is no MCP endpoint at ${url.pathname} (${status})`,
      'correct the path of the url, which often ends in /mcp or /sse, and the transport',
    )
  if (status === 429)
    return finding('server_error', 'it answered 429: it is asked too often', 'wait, or raise its rate limit')
  if (status >= 500)
    return finding('server_error', `it answered ${status}: ${shown(text)}`, 'look into the log of the server')
  if (type.startsWith('text/html'))
    return finding(
      'path',
      `it answered with a web page: ${shown(text.replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/g, ' '))}`,
      'the url is that of a page; put that of the MCP endpoint there',
    )
  if (config.transport === 'sse') return judgeSse(type, text)
  return judgeAnswer(messageIn(type, text), VERSIONS)
}

function credentials(status: number, { auth }: HttpBackendConfig, advice?: string): Finding {
  if (advice !== undefined) return finding('credentials', `it answered ${status}`, advice)
  const own = auth.type === 'unauthenticated'
  return finding(
    'credentials',
    `it answered ${status}: ${own ? 'it wants credentials, and none are configured' : 'it does not accept the credentials that are configured'}`,
    own
      ? 'configure outgoingAuth.backends for it, or a header'
      : 'check the secret, whether it has expired, and what it may do',
  )
}

function judgeSse(type: string, text: string): Finding | undefined {
  if (type.startsWith('text/event-stream')) return undefined
  return finding(
    'not_mcp',
    `it answered with ${shown(text)} in the place of an event stream`,
    'set transport: streamable-http, or correct the url',
  )
}

/** Of an event stream the data of its first message. */
function messageIn(type: string, text: string): string {
  if (!type.startsWith('text/event-stream')) return text
  const event = text.split(/\r?\n\r?\n/).find((it) => /^data:.*\S/m.test(it)) ?? ''
  return event
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []))
    .join('\n')
}

async function judgeError(error: NodeJS.ErrnoException, url: URL, waitMs: number): Promise<Finding> {
  if (error instanceof Unmade)
    return finding(
      'credentials',
      `there are no credentials for it: ${error.message}`,
      'see what outgoingAuth says for it',
    )
  if (error instanceof Late)
    return finding(
      'silent',
      `${error.message} within ${waitMs / 1000} s`,
      'see whether the server hangs, or is something else; where it is slow, give --wait',
    )
  if (error instanceof BrokenOff)
    return finding(
      'server_error',
      `it breaks off in the middle of its answer (${error.message})`,
      'look into the log of the server, and of what is in front of it',
    )
  const code = error.code ?? (error as { errors?: NodeJS.ErrnoException[] }).errors?.[0]?.code ?? ''
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return finding(
      'dns',
      `the name ${url.hostname} cannot be resolved`,
      'correct the name in the url, or this machine’s DNS',
    )
  if (code === 'ECONNREFUSED')
    return finding(
      'refused',
      `nothing listens at ${url.hostname} port ${portOf(url)}`,
      'start the server, or correct the port in the url',
    )
  if (['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code))
    return finding(
      'unreachable',
      `there is no way to ${url.host} (${code})`,
      'check the address and firewalls',
    )
  const tls = judgeTls(error, url)
  if (tls !== undefined) return tls
  if (url.protocol === 'http:' && (await speaksTls(url)))
    return finding('is_tls', 'it speaks TLS at this port', 'write https:// in the url')
  return finding(
    'not_mcp',
    `it does not speak HTTP at this port (${code === '' ? error.message : code})`,
    'correct the port in the url',
  )
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80')
}
