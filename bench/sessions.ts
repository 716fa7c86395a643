import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Child } from '../test/fixtures/child.ts'
import { LegacyClient } from '../test/fixtures/client.ts'
import type { BackendEntry } from '../test/fixtures/config.ts'
import { ROOT } from '../test/fixtures/root.ts'
import type { Bench } from './bench.ts'
import { rssBytes } from './process.ts'
import { untilListed } from './rows/ready.ts'

/** A gateway that can be told to collect its garbage. */
export async function collectable(bench: Bench, backends: readonly BackendEntry[], args: string[] = []) {
  const preload = join(ROOT, '.cache/tools/bench/collect.js')
  const gateway = await bench.over(backends, { args, nodeArgs: ['--expose-gc', '--import', preload] })
  await untilListed(gateway.ready, backends.length)
  return gateway
}

/** Memory held, in bytes: resident after a full collection. */
export async function heldBytes(gateway: Child): Promise<number> {
  for (let i = 0; i < 3; i++) {
    process.kill(gateway.pid, 'SIGUSR2')
    await delay(400)
  }
  return rssBytes(gateway.pid)
}

export interface Opening {
  readonly count: number
  readonly tools: readonly string[]
  /** Whether each session opens its GET stream, as the SDKs' clients do. */
  readonly stream?: boolean
}

/** Opens legacy sessions and calls each tool once in every one of them. */
export async function openSessions(bench: Bench, url: string, opening: Opening): Promise<LegacyClient[]> {
  const opened: LegacyClient[] = []
  const openOne = async () => {
    const client = await LegacyClient.open(url)
    for (const name of opening.tools) await client.result('tools/call', { name, arguments: { input: 'x' } })
    if (opening.stream) await client.listen()
    else await client.close()
    opened.push(client)
  }
  const workers = Array.from({ length: 8 }, async (_, i) => {
    for (let n = i; n < opening.count; n += 8) await openOne()
  })
  await Promise.all(workers)
  bench.defer(() => Promise.all(opened.map((client) => client.close())))
  return opened
}
