import { ModernClient } from '../../test/fixtures/client.ts'
import { fiveBackends } from '../backends.ts'
import { type Bench, type Figure, median, type Row } from '../bench.ts'

/** From the start of the process until `tools/list` has the tools of every backend. */
export const ready: Row = {
  name: 'ready',
  async run(bench: Bench): Promise<Figure[]> {
    const backends = await fiveBackends(bench, 'both')
    const listening: number[] = []
    const complete: number[] = []
    for (let round = 0; round <= bench.options.rounds; round++) {
      const started = performance.now()
      const gateway = await bench.over(backends)
      const heard = performance.now() - started
      await untilListed(gateway.ready, backends.length)
      const listed = performance.now() - started
      await gateway.stop()
      // The first start also fills the file cache.
      if (round > 0) {
        listening.push(heard)
        complete.push(listed)
      }
    }
    return [
      {
        what: 'ready after start, 5 HTTP backends up',
        measured: median(complete),
        limit: 500,
        unit: 'ms',
        detail: `listening after ${median(listening).toFixed(0)} ms; complete ${spread(complete)} ms`,
      },
    ]
  },
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`
}

/** @throws when the catalogue is not complete in ten seconds */
export async function untilListed(url: string, tools: number): Promise<void> {
  const client = new ModernClient(url)
  try {
    const deadline = performance.now() + 10_000
    for (;;) {
      const { message } = await client.request('tools/list')
      const listed = message.result?.tools as unknown[] | undefined
      if (listed !== undefined && listed.length >= tools) return
      if (performance.now() > deadline) throw new Error(`only ${listed?.length ?? 'no'} tools of ${tools}`)
    }
  } finally {
    await client.close()
  }
}
