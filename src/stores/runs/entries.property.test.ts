import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Redis, startRedis } from '../../../test/fixtures/redis.ts'
import { silent } from '../../core/log.ts'
import type { EntryName, EntryStore } from './entry.ts'
import { FileEntries } from './file.ts'
import { RedisEntries } from './redis.ts'

let redis: Redis
let folder: string
beforeAll(async () => {
  redis = await startRedis()
  folder = await mkdtemp(join(tmpdir(), 'vmcp-entries-'))
}, 60_000)
afterAll(async () => {
  await redis.stop()
  await rm(folder, { recursive: true })
})

let count = 0
const STORES: Record<string, () => EntryStore> = {
  file: () => new FileEntries(join(folder, `s${++count}`)),
  redis: () => new RedisEntries({ address: redis.address, db: 0, keyPrefix: `p${++count}:` }, 's', silent),
}

const MOST = 2
const until = Date.now() + 60 * 60_000
const step = fc.record({
  does: fc.constantFrom('create', 'replace', 'move', 'remove', 'read', 'names'),
  id: fc.constantFrom('a', 'b', 'c'),
  holder: fc.constantFrom('x-1', 'y-1', 'z-1'),
  to: fc.constantFrom('x-1', 'y-1', 'z-1'),
  body: fc.string({ maxLength: 5 }),
})
type Step = (typeof step extends fc.Arbitrary<infer T> ? T : never) & { readonly does: string }

/** What a store is to do: at most one entry of an id, which answers to its holder alone. */
class Model {
  readonly entries = new Map<string, { holder: string; body: string }>()

  take({ does, id, holder, to, body }: Step): unknown {
    const entry = this.entries.get(id)
    const isHeld = entry?.holder === holder
    switch (does) {
      case 'create':
        if (entry !== undefined || this.entries.size >= MOST) return false
        this.entries.set(id, { holder, body })
        return true
      case 'replace':
        if (isHeld) this.entries.set(id, { holder, body })
        return isHeld
      case 'move':
        if (isHeld) this.entries.set(id, { holder: to, body: entry.body })
        return isHeld
      case 'remove':
        if (isHeld) this.entries.delete(id)
        return isHeld
      case 'read':
        return entry && [entry.holder, entry.body]
      default:
        return [...this.entries].map(([key, it]) => `${key} ${it.holder}`).sort()
    }
  }
}

async function take(store: EntryStore, { does, id, holder, to, body }: Step): Promise<unknown> {
  const name: EntryName = { id, holder, match: 'm', until }
  switch (does) {
    case 'create':
      return store.create({ ...name, body: Buffer.from(body) }, MOST)
    case 'replace':
      return store.replace({ ...name, body: Buffer.from(body) })
    case 'move':
      return store.move(name, to)
    case 'remove':
      return store.remove(name)
    case 'read': {
      const entry = await store.read(id)
      return entry && [entry.holder, entry.body.toString()]
    }
    default:
      return (await store.names('m')).map((it) => `${it.id} ${it.holder}`).sort()
  }
}

test.each(Object.keys(STORES))(
  'a store of type %s does what one table in memory would',
  async (type) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const [store, model] = [(STORES[type] as () => EntryStore)(), new Model()]
        try {
          for (const it of steps) expect([it.does, await take(store, it)]).toEqual([it.does, model.take(it)])
        } finally {
          await store.close()
        }
      }),
      { numRuns: 40 },
    )
  },
  60_000,
)
