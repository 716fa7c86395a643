import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { readText } from './files.ts'
import { recordOf } from './toolhive-workload.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Api {
  get(path: string): Promise<Answer>
}

const TIMEOUT_MS = 3_000
const MAX_BODY = 4 * 1024 * 1024
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * The local API server that `server.json` names, if it is up and is the one that wrote that file: it must
 * give back the nonce. Notes say why one that is named is not used.
 */
export async function findApi(serverFile: string): Promise<{ api: Api | undefined; notes: string[] }> {
  const text = await readText(serverFile).catch(() => undefined)
  if (text === undefined) return { api: undefined, notes: [] }
  const unused = (why: string) => ({ api: undefined, notes: [`ToolHive's API is not used: ${why}`] })
  const server = parse(text)
  const { url, nonce } = server
  if (typeof url !== 'string' || typeof nonce !== 'string' || nonce === '')
    return unused(`${serverFile} does not name a URL and a nonce`)
  const address = addressOf(url)
  if (address === undefined) return unused(`${serverFile} names ${JSON.stringify(url)}, which is not local`)
  const api: Api = { get: (path) => get({ ...address, path }) }
  const problem = await checkHealth(api, nonce)
  return problem === undefined ? { api, notes: [] } : unused(problem)
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(text))
  } catch {
    return {}
  }
}

/** Only a loopback address or a socket file: a state file must not send us across the network. */
function addressOf(url: string): RequestOptions | undefined {
  if (url.startsWith('unix:///')) return { socketPath: url.slice('unix://'.length) }
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'http:' || !LOOPBACK.test(hostname)) return undefined
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port || 80 }
}

async function checkHealth(api: Api, nonce: string): Promise<string | undefined> {
  try {
    const { status, headers } = await api.get('/health')
    if (headers['x-toolhive-nonce'] !== nonce) return 'another program answers at its address'
    return status === 204 || status === 200 ? undefined : `it is not healthy (status ${status})`
  } catch {
    return 'nothing answers at its address'
  }
}

function get(options: RequestOptions): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const headers = { accept: 'application/json' }
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, method: 'GET', headers, agent: false, signal }, (response) => {
      collect(response).then(resolve, (error: unknown) => {
        asked.destroy()
        reject(error)
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

async function collect(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new Error(`answered with more than ${MAX_BODY} bytes`)
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks).toString('utf8')
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}
