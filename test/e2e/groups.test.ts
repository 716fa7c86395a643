import { readFileSync, statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { runCli } from '../fixtures/cli.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { Stage, serverCommand } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  const home = await stage.folder()
  env = { HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_DATA_HOME: join(home, 'data') }
  const { command, args } = serverCommand('echo', { era: 'legacy' })
  const { ready } = await stage.hosted('github', { era: 'both' })
  for (const line of [
    ['group', 'create', 'tools'],
    ['add', 'zebra', '--group', 'tools', '--', command, ...args],
    ['add', 'ant', '--group', 'tools', '--url', ready],
  ]) {
    const outcome = await runCli(line, env)
    expect(outcome.code, outcome.output).toBe(0)
  }
})
const offered = ['ant_create_issue', 'ant_list_repos', 'zebra_echo']

describe('init', () => {
  test('writes a private file, backends sorted, that validates and serves', async () => {
    const file = join(await stage.folder(), 'vmcp.yaml')
    const written = await runCli(['init', '-g', 'tools', '-o', file], env)
    expect(written.code, written.output).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const text = readFileSync(file, 'utf8')
    expect(text.indexOf('ant')).toBeLessThan(text.indexOf('zebra'))

    const validated = await runCli(['validate', '--config', file], env)
    expect(validated.code, validated.output).toBe(0)

    const gateway = await stage.gateway({ args: ['--config', file], env })
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(offered))
  })
})

describe('quick mode', () => {
  test('serves a group, on loopback only', async () => {
    const gateway = await stage.gateway({ args: ['--group', 'tools'], env })
    const { hostname, port } = new URL(gateway.ready)
    expect(hostname).toBe('127.0.0.1')
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(offered))
    expect(listeningAddresses(Number(port))).toEqual(['0100007F'])
    for (const address of otherAddresses()) expect(await connects(address, Number(port))).toBe(false)
  })

  test('refuses any other host', async () => {
    const outcome = await runCli(['serve', '--group', 'tools', '--host', '0.0.0.0', '--port', '0'], env)
    expect(outcome.code).toBeGreaterThan(0)
    expect(outcome.stderr).toMatch(/loopback|127\.0\.0\.1/)
  })

  test('names a group that does not exist', async () => {
    const outcome = await runCli(['serve', '--group', 'nobody', '--port', '0'], env)
    expect(outcome.code).toBeGreaterThan(0)
    expect(outcome.stderr).toContain('nobody')
  })
})

/** Local addresses of the sockets that listen on a port, as the kernel writes them (hexadecimal, reversed). */
function listeningAddresses(port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  const LISTEN = '0A'
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && local?.split(':')[1] === wanted)
    .map(([, local]) => local?.split(':')[0] as string)
}

function otherAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address)
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 1000 })
    const settle = (connected: boolean) => {
      socket.destroy()
      resolve(connected)
    }
    socket.on('connect', () => settle(true))
    socket.on('error', () => settle(false))
    socket.on('timeout', () => settle(false))
  })
}
