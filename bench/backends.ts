import type { BackendEntry } from '../test/fixtures/config.ts'
import type { FixtureEra } from '../test/fixtures/options.ts'
import type { Bench } from './bench.ts'

/** Five HTTP backends with one `echo` each, named b0 to b4. */
export async function fiveBackends(bench: Bench, era: FixtureEra): Promise<BackendEntry[]> {
  const backends: BackendEntry[] = []
  for (let i = 0; i < 5; i++) {
    const { ready } = await bench.server('wire:echo', { era, id: `b${i}` })
    backends.push({ name: `b${i}`, url: ready })
  }
  return backends
}
