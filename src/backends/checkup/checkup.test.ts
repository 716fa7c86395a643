import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createRawServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { httpConfig, stdioConfig } from '../testing.ts'
import { checkUp } from './index.ts'

const tls = (name: string) => fileURLToPath(new URL(`../testing/tls/${name}`, import.meta.url))
const WAIT_MS = 3_000

let servers: (Server & { closeAllConnections?: () => void })[]

beforeEach(() => {
  servers = []
})

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections?.()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}

const http = (listener: RequestListener) => listen(createServer(listener))

function answering(status: number, type: string, text: string, headers: Record<string, string> = {}) {
  return http((_, res) => res.writeHead(status, { 'content-type': type, ...headers }).end(text))
}

/** Of what is found: the problem, and all that people read. */
async function found(config: Parameters<typeof checkUp>[0], waitMs = WAIT_MS): Promise<string> {
  const finding = await checkUp(config, waitMs)
  return finding === undefined ? 'nothing' : `${finding.problem}: ${finding.seen}; ${finding.mend}`
}

const at = (port: number, over: Parameters<typeof httpConfig>[1] = {}) =>
  found(httpConfig(`http://127.0.0.1:${port}/api`, over))

describe('an address', () => {
  test('whose name nobody knows', async () => {
    expect(await found(httpConfig('http://no-such-host.invalid/mcp'))).toMatch(
      /^dns: .*no-such-host\.invalid/,
    )
  })

  test('where nothing listens', async () => {
    expect(await at(1)).toMatch(/^refused: nothing listens at 127\.0\.0\.1 port 1; start the server/)
  })

  test.each([401, 403])('that wants credentials (%i)', async (status) => {
    const port = await answering(status, 'application/json', '{}')
    expect(await at(port)).toMatch(/^credentials: .*none are configured; configure outgoingAuth/)
    const auth = {
      type: 'header_injection',
      headerName: 'authorization',
      headerValue: 'Bearer secret',
    } as const
    expect(await at(port, { auth })).toMatch(
      /^credentials: it answered 40[13]; it does not accept what header_injection sends/,
    )
    expect(await at(port, { auth })).not.toContain('Bearer')
  })

  test('that gets the credentials which are configured', async () => {
    const port = await http((req, res) =>
      res.writeHead(req.headers['x-key'] === 'k' ? 500 : 401).end('inside'),
    )
    expect(await at(port, { headers: { 'x-key': 'k' } })).toMatch(/^server_error: .*500: "inside"/)
  })

  test.each([404, 405])('with a wrong path (%i)', async (status) => {
    expect(await at(await answering(status, 'text/plain', 'no'))).toMatch(
      /^path: there is no .* at \/api .*\/mcp/,
    )
  })

  test('that is a web page', async () => {
    const page = '<!doctype html><style>p { color: red }</style><title>Our shop</title>'
    expect(await at(await answering(200, 'text/html; charset=utf-8', page))).toMatch(
      /^path: .*web page: "Our shop"/,
    )
  })

  test('that redirects', async () => {
    const port = await answering(308, 'text/plain', '', { location: 'https://new.example/mcp' })
    expect(await at(port)).toMatch(/^redirect: it redirects to https:\/\/new\.example\/mcp/)
  })

  test('of some other program with JSON', async () => {
    expect(await at(await answering(200, 'application/json', '{"hello":1}'))).toMatch(/^not_mcp: .*hello/)
  })

  test('of some other program without HTTP', async () => {
    const port = await listen(
      createRawServer((socket) =>
        socket
          .on('error', () => {})
          .resume()
          .end('SSH-2.0-x\r\n'),
      ),
    )
    expect(await at(port)).toMatch(/^not_mcp: it does not speak HTTP at this port/)
  })

  test('that speaks a version of long ago', async () => {
    const result = {
      protocolVersion: '2024-10-07',
      capabilities: {},
      serverInfo: { name: 'x', version: '1' },
    }
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result })
    expect(await at(await answering(200, 'application/json', text))).toMatch(
      /^too_old: .*2024-10-07.*2024-11-05/,
    )
    const stream = `event: message\ndata: ${text}\n\n`
    expect(await at(await answering(200, 'text/event-stream', stream))).toMatch(/^too_old/)
  })

  test('that wants to be asked less', async () => {
    expect(await at(await answering(429, 'text/plain', ''))).toMatch(
      /^server_error: it answered 429: .*too often/,
    )
  })

  test('that begins to answer, and breaks off or does not come to the end', async () => {
    const broken = await http((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{')
      setTimeout(() => res.destroy(), 50)
    })
    expect(await at(broken)).toMatch(/^server_error: it breaks off in the middle of its answer/)
    const endless = await http((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).write(' ')
    })
    const slow = await found(httpConfig(`http://127.0.0.1:${endless}/api`), 300)
    expect(slow).toMatch(/^silent: it begins to answer, and is not through within 0\.3 s/)
  })

  test('that does not answer', async () => {
    const port = await http(() => {})
    const config = httpConfig(`http://127.0.0.1:${port}/mcp`)
    expect(await found(config, 300)).toMatch(/^silent: .*within 0\.3 s/)
  })

  test('that is no event stream, though it should be one', async () => {
    const port = await answering(200, 'application/json', '{"a":1}')
    expect(await at(port, { transport: 'sse' })).toMatch(
      /^not_mcp: .*event stream; set transport: streamable-http/,
    )
  })

  test('that is well', async () => {
    const result = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      serverInfo: { name: 'x', version: '1' },
    }
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result })
    expect(await at(await answering(200, 'application/json', text))).toBe('nothing')
  })
})

describe('an address with TLS', () => {
  const secure = (cert: string, host?: string) =>
    listen(
      createTlsServer({ cert: readFileSync(tls(cert)), key: readFileSync(tls('key.pem')) }, (_, res) =>
        res.end(),
      ),
      host,
    )

  test('whose certificate is self-signed', async () => {
    const url = `https://127.0.0.1:${await secure('cert.pem')}/mcp`
    expect(await found(httpConfig(url))).toMatch(/^tls_self_signed: .*; set caBundlePath/)
    expect(await found(httpConfig(url, { caBundlePath: tls('cert.pem') }))).not.toMatch(/^tls/)
  })

  test('whose certificate has expired', async () => {
    const url = `https://127.0.0.1:${await secure('expired.pem')}/mcp`
    expect(await found(httpConfig(url, { caBundlePath: tls('expired.pem') }))).toMatch(
      /^tls_expired: .*; renew/,
    )
  })

  test('whose certificate is for another host', async () => {
    const url = `https://127.0.0.2:${await secure('cert.pem', '127.0.0.2')}/mcp`
    const said = await found(httpConfig(url, { caBundlePath: tls('cert.pem') }))
    expect(said).toMatch(
      /^tls_wrong_host: .*not for 127\.0\.0\.2, but for: IP Address:127\.0\.0\.1, DNS:localhost/,
    )
  })

  test('that is spoken to without it, and the other way round', async () => {
    expect(await at(await secure('cert.pem'))).toMatch(/^is_tls: .*; write https:/)
    const port = await answering(200, 'text/plain', 'x')
    expect(await found(httpConfig(`https://127.0.0.1:${port}/mcp`))).toMatch(/^not_tls: .*; write http:/)
  })
})

describe('a program', () => {
  const node = (script: string) =>
    stdioConfig('legacy', [], { command: process.execPath, args: ['-e', script] })

  test('that is not there, or whose folder is not, or that cannot be executed', async () => {
    expect(await found(stdioConfig('legacy', [], { command: 'no-such-program' }))).toMatch(
      /^not_found: there is no program no-such-program; install it/,
    )
    expect(await found(stdioConfig('legacy', [], { cwd: '/no/such/folder' }))).toMatch(
      /^not_found: there is no folder \/no\/such\/folder/,
    )
    const folder = await mkdtemp(join(tmpdir(), 'vmcp-checkup-'))
    const file = join(folder, 'server')
    await writeFile(file, 'no program', { mode: 0o600 })
    expect(await found(stdioConfig('legacy', [], { command: file }))).toMatch(
      /^not_found: .*cannot be executed/,
    )
    await rm(folder, { recursive: true })
  })

  test('that ends at once, with its last words', async () => {
    const script = 'console.error("starting"); console.error("API_KEY is missing"); process.exit(7)'
    expect(await found(node(script))).toMatch(
      /^exits: .*code 7 at once, and says: starting \/ API_KEY is missing/,
    )
    expect(await found(node(''))).toMatch(/^exits: .*without a word/)
  })

  test('that prints what is not the protocol', async () => {
    const script = 'console.log("Server is listening"); setInterval(() => {}, 1000)'
    expect(await found(node(script))).toMatch(
      /^prints: it prints "Server is listening" to stdout.*; have the server log/,
    )
  })

  test('that is none of MCP', async () => {
    expect(await found(stdioConfig('legacy', [], { command: 'cat', args: [] }))).toMatch(
      /^not_mcp: .*our own words/,
    )
  })

  test('that says nothing', async () => {
    const script = 'console.error("waiting for a database"); setInterval(() => {}, 1000)'
    expect(await found(node(script), 500)).toMatch(/^silent: .*within 0\.5 s; on stderr it says: waiting for/)
  })

  test('that is well', async () => {
    expect(await found(stdioConfig('legacy'))).toBe('nothing')
  })
})
