import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { startChild } from '../../fixtures/child.ts'
import { ModernClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { isAlive, openHandles } from '../../fixtures/processes.ts'
import { CLI, Stage, serverCommand } from '../../fixtures/stage.ts'

const stage = closedAfterEach(new Stage())
const DESCRIPTORS = 256

it('a gateway that has no file descriptor left stays up, and serves again once there are some', async () => {
  const { ready: url } = await stage.server('wire:echo', { era: 'modern', id: 'http' })
  const stdio = serverCommand('wire:echo', { era: 'modern', id: 'stdio' })
  const file = await stage.file(
    'vmcp.yaml',
    config([
      { name: 'http', url },
      { name: 'stdio', transport: 'stdio', ...stdio },
    ]),
  )
  const serve = [process.execPath, CLI, 'serve', '--config', file, '--port', '0', '--json']
  const gateway = await startChild({
    command: 'bash',
    args: ['-c', `ulimit -n ${DESCRIPTORS} && exec "$@"`, 'bash', ...serve],
    ready: (line) => (line.startsWith('{') ? (JSON.parse(line) as { url?: string }).url : undefined),
  })
  stage.child(gateway)
  const call = async (name: string) => {
    const client = new ModernClient(gateway.ready)
    const result = await client
      .result('tools/call', { name, arguments: { input: 'x' } })
      .finally(() => client.close())
    return JSON.parse((result.content as { text: string }[])[0]?.text ?? '') as { id: string; pid: number }
  }
  const before = [await call('http_echo'), await call('stdio_echo')]

  const { port } = new URL(gateway.ready)
  const sockets: Socket[] = []
  for (let n = 0; n < DESCRIPTORS * 2; n++) {
    sockets.push(connect(Number(port), '127.0.0.1').on('error', () => {}))
  }
  stage.defer(async () => {
    for (const socket of sockets) socket.destroy()
  })
  await expect
    .poll(() => openHandles(gateway.pid), { timeout: 5_000 })
    .toBeGreaterThanOrEqual(DESCRIPTORS - 1)
  // What cannot be accepted is closed at once, or answered with an error; it does not hang.
  await call('http_echo').catch(() => undefined)
  expect(isAlive(gateway.pid)).toBe(true)

  for (const socket of sockets) socket.destroy()
  await expect.poll(() => call('http_echo').catch(String), { timeout: 10_000 }).toEqual(before[0])
  expect(await call('stdio_echo')).toEqual(before[1])
})
