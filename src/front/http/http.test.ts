import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { RawObject } from '../../core/raw.ts'
import { createFront } from '../front.ts'
import { events, frontOptions, memoryGateway, next, type Served, serve } from '../testing.ts'
import { Heartbeat } from './heartbeat.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function start(status: () => object = () => ({})): Promise<Served> {
  const served = await serve(memoryGateway(), { status })
  stops.push(() => served.close())
  return served
}

describe('listening', () => {
  it('on a port that is taken fails, and says how to mend it', async () => {
    const { url } = await start()
    const front = createFront(memoryGateway(), frontOptions())
    const listening = front.listen(Number(new URL(url).port), '127.0.0.1')
    await expect(listening).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('another port'),
    })
  })

  it('tells the address, also of IPv6', async () => {
    const front = createFront(memoryGateway(), frontOptions())
    const { port, url } = await front.listen(0, '::1')
    stops.push(() => front.close(0))
    expect(url).toBe(`http://[::1]:${port}/mcp`)
    expect((await fetch(new URL('/health', url))).status).toBe(200)
  })
})

describe('a fault of ours', () => {
  it('is answered with 500 and told to nobody', async () => {
    const { url } = await start(() => {
      throw new Error('the password is 1234')
    })
    const reply = await fetch(new URL('/status', url))
    expect(reply.status).toBe(500)
    expect(await reply.text()).not.toContain('1234')
  })
})

describe('a client that goes away in the middle of its body', () => {
  it('does no harm', async () => {
    const { url, modern } = await start()
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"json')
    await sleep(20)
    socket.destroy()
    expect((await modern('tools/list')).status).toBe(200)
  })
})

describe('an event stream', () => {
  it('keeps a result with line breaks in one event', async () => {
    const { gateway, modern } = await start()
    gateway.tool('pretty', (exchange) => {
      exchange.notify({ method: 'notifications/progress', params: RawObject.of({ progress: 1 }) })
      const body = RawObject.of({ content: [] }).with({ structuredContent: '{\r\n  "a":\n1}' })
      return { type: 'complete', body }
    })
    const stream = events(await modern('tools/call', { name: 'pretty' }, { meta: { progressToken: 1 } }))
    await next(stream)
    expect(await next(stream)).toMatchObject({ result: { structuredContent: { a: 1 } } })
  })

  it('gets a comment now and then', async () => {
    const heartbeat = new Heartbeat(10)
    const server = await listening((res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      heartbeat.add(res)
    })
    const { port } = server.address() as { port: number }
    const reply = await fetch(`http://127.0.0.1:${port}`)
    const piece = await reply.body?.getReader().read()
    expect(Buffer.from(piece?.value ?? []).toString()).toMatch(/^: keep-alive\n\n/)
  })
})

async function listening(handle: (res: ServerResponse) => void): Promise<Server> {
  const server = createServer((_, res) => handle(res))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}
