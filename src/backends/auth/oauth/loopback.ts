import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const PATH = '/callback'
const LONGEST = 16 * 1024
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
}
const HEAD = '<!doctype html><meta charset="utf-8"><title>vmcp</title>'
const NOTHING = [404, 'There is nothing here.'] as const
const NO_WAY = [405, 'This is not how one comes back from a login.'] as const
const ANOTHER = [400, 'This is not the login that was begun.'] as const
const DONE = [200, 'You can close this window. How the login went is said where it was begun.'] as const

/**
 * The address on this machine that the browser comes back to (RFC 8252 §7.3). What comes with another `state` is
 * turned away, and the way stays open for what does come from the authorization server.
 */
export class Loopback {
  readonly redirectUri: string
  /** The parameters of the one request that has the state. */
  readonly answer: Promise<URLSearchParams>
  readonly #server: Server
  readonly #state: string
  #settle: ((parameters: URLSearchParams) => void) | undefined

  private constructor(server: Server, state: string) {
    this.#server = server
    this.#state = state
    this.redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`
    this.answer = new Promise((resolve) => {
      this.#settle = resolve
    })
    server.on('request', (request, response) => this.#receive(request, response))
  }

  /**
   * @param ports to be tried in turn; 0 is any that is free
   * @throws Error where none can be had
   */
  static async open(state: string, ports: readonly number[]): Promise<Loopback> {
    let failure: unknown
    for (const port of ports) {
      const server = createServer({ maxHeaderSize: LONGEST, requestTimeout: 10_000 })
      try {
        await once(server.listen(port, '127.0.0.1'), 'listening')
        return new Loopback(server, state)
      } catch (error) {
        failure = error
      }
    }
    throw new Error(`cannot listen for the browser to come back: ${(failure as Error).message}`)
  }

  /**
   * The same by hand: the address that the browser was sent to, copied from there.
   * @returns what is wrong with it; `undefined` where nothing is
   */
  paste(text: string): string | undefined {
    const address = text.trim()
    const url = address.length <= LONGEST && URL.canParse(address) ? new URL(address) : undefined
    if (url === undefined || url.origin + url.pathname !== this.redirectUri)
      return `that is not an address that begins with ${this.redirectUri}`
    if (this.#takes(url.searchParams)) return undefined
    return 'that is the address of another login; start again and use the new link'
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #receive({ url = '', method, headers }: IncomingMessage, response: ServerResponse): void {
    const { host } = new URL(this.redirectUri)
    const target = URL.canParse(url, this.redirectUri) ? new URL(url, this.redirectUri) : undefined
    const [status, words] =
      headers.host !== host || target?.pathname !== PATH
        ? NOTHING
        : method !== 'GET'
          ? NO_WAY
          : this.#takes(target.searchParams)
            ? DONE
            : ANOTHER
    response.writeHead(status, HEADERS).end(`${HEAD}<p>${words}</p>`)
  }

  #takes(parameters: URLSearchParams): boolean {
    const states = parameters.getAll('state')
    if (states.length !== 1 || !isSame(states[0] as string, this.#state)) return false
    const settle = this.#settle
    this.#settle = undefined
    settle?.(parameters)
    return settle !== undefined
  }
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
