import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { ROOT } from '../fixtures/root.ts'
import { secondNode } from '../fixtures/second-node.ts'
import { Stage, serverCommand } from '../fixtures/stage.ts'
import { stdioDoor } from './peers.ts'

// The Inspector wants a newer Node than vmcp does.
const NODE_22 = secondNode()
const INSPECTOR = join(ROOT, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js')

const stage = closedAfterAll(new Stage())
let targets: Record<'HTTP' | 'stdio', string[]>
let home: string

beforeAll(async () => {
  home = await stage.folder()
  const http = await stage.server('wire:echo', { era: 'both' })
  const content = config([
    { name: 'http', url: http.ready },
    { name: 'stdio', transport: 'stdio', ...serverCommand('wire:echo', { era: 'legacy' }) },
  ])
  const gateway = await stage.gateway({ config: content })
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(2))
  const door = stdioDoor(await stage.file('vmcp.yaml', content)) as { command: string; args: string[] }
  targets = {
    HTTP: ['--server-url', gateway.ready, '--transport', 'http'],
    stdio: [door.command, ...door.args],
  }
})
async function inspect(target: readonly string[], era: string, method: readonly string[]): Promise<string> {
  // What follows a command that it starts belongs to that command, so the options come first.
  const options = ['--cli', '--protocol-era', era, '--format', 'json', ...method]
  const command = target[0]?.startsWith('--') ? [...options, ...target] : [...options, '--', ...target]
  const { stdout } = await promisify(execFile)(NODE_22, [INSPECTOR, ...command], {
    env: { PATH: process.env.PATH, HOME: home, NODE_COMPILE_CACHE: join(ROOT, '.cache/compiled') },
    timeout: 25_000,
  })
  return stdout
}

describe.each(['HTTP', 'stdio'] as const)('the Inspector over %s', (door) => {
  test.each(['legacy', 'auto', 'modern'])(
    'lists and calls in its era %s',
    async (era) => {
      const listed = await inspect(targets[door], era, ['--method', 'tools/list'])
      for (const name of ['http_echo', 'stdio_echo']) expect(listed).toContain(name)
      for (const name of ['http_echo', 'stdio_echo']) {
        const call = ['--method', 'tools/call', '--tool-name', name, '--tool-arg', `input=to-${name}`]
        expect(await inspect(targets[door], era, call)).toContain(`to-${name}`)
      }
    },
    60_000,
  )
})
