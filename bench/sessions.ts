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
export async function collectable(
  bench: Bench,
  backends: readonly BackendEntry[],
  args: string[] = [],
  blocks: { readonly compositeTools?: readonly object[] } = {},
) {
  const preload = join(ROOT, '.cache/tools/bench/collect.js')
  const nodeArgs = ['--expose-gc', '--import', preload]
  const gateway = await bench.over(backends, { args, blocks, nodeArgs })
  await untilListed(gateway.ready, backends.length + (blocks.compositeTools?.length ?? 0))
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
  /** The session stays open in silence, or with its GET stream as the SDKs' clients have it, or is ended. */
  readonly afterwards: 'leave' | 'stream' | 'end'
}

/** Opens legacy sessions and calls each tool once in every one of them. */
export async function openSessions(bench: Bench, url: string, opening: Opening): Promise<void> {
  const workers = Array.from({ length: 8 }, async (_, i) => {
    for (let n = i; n < opening.count; n += 8) await openOne(bench, url, opening)
  })
  await Promise.all(workers)
}

async function openOne(bench: Bench, url: string, opening: Opening): Promise<void> {
  const client = await LegacyClient.open(url)
  for (const name of opening.tools) await client.result('tools/call', { name, arguments: { input: 'x' } })
  if (opening.afterwards === 'stream') {
    await client.listen()
    bench.defer(() => client.close())
    return
  }
  if (opening.afterwards === 'end') await client.end()
  await client.close()
}
