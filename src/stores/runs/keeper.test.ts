import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { type Redis, startRedis } from '../../../test/fixtures/redis.ts'
import { localUser } from '../../core/caller.ts'
import { type Log, silent } from '../../core/log.ts'
import type { KeptRun } from '../../core/runs.ts'
import type { EntryStore } from './entry.ts'
import { FileEntries } from './file.ts'
import { Keeper, type KeeperOptions } from './keeper.ts'
import { RedisEntries } from './redis.ts'
import { Vault } from './vault.ts'

const [ada, grace] = [localUser('ada'), localUser('grace')]
const key = randomBytes(32)
let redis: Redis
let folder: string
let keepers: Keeper[] = []
let count = 0
/** Of one test. */
let space = ''

beforeAll(async () => {
  redis = await startRedis()
}, 60_000)
beforeEach(async () => {
  space = `t${++count}`
  folder = await mkdtemp(join(tmpdir(), 'vmcp-runs-'))
})
afterEach(async () => {
  await Promise.all(keepers.map((keeper) => keeper.close()))
  keepers = []
  await rm(folder, { recursive: true })
})
afterAll(() => redis.stop())

const STORES: Record<string, (server: string) => EntryStore> = {
  file: () => new FileEntries(join(folder, 'runs')),
  redis: (server) =>
    new RedisEntries({ address: redis.address, db: 0, keyPrefix: `${space}:` }, server, silent),
}

const run = (more: Partial<KeptRun> = {}): KeptRun => ({
  id: `run-${++count}`,
  workflow: 'deploy',
  definition: 'd',
  steps: [{ id: 'plan', type: 'tool', tool: 'ci.plan' }],
  params: { version: 'top-secret-7' },
  startedAt: 1_000,
  ended: { plan: { status: 'completed', output: { text: 'top-secret-plan' } } },
  waiting: [{ step: 'confirm', message: 'Deploy top-secret-7?', since: 2_000 }],
  ...more,
})

describe.each(Object.keys(STORES))('a store of type %s', (type) => {
  /** A server of its own, which shares the store with the others. */
  function keeper(more: Partial<KeeperOptions> & { key?: Buffer; server?: string } = {}): Keeper {
    const server = more.server ?? 's'
    const made = new Keeper({
      entries: (STORES[type] as (server: string) => EntryStore)(server),
      vault: new Vault(more.key ?? key, server),
      expireMs: 60_000,
      max: 10,
      log: silent,
      ...more,
    })
    keepers.push(made)
    return made
  }

  test('gives a run back to its caller, and to nobody else', async () => {
    const kept = run()
    await keeper().keep(kept, ada)
    const later = keeper()
    expect((await later.find(kept.id, ada))?.run).toEqual(kept)
    expect(await later.find(kept.id, grace)).toBeUndefined()
    expect(await later.find(kept.id, { ...ada, issuer: 'another' })).toBeUndefined()
    expect(await later.find('unknown', ada)).toBeUndefined()
    expect(await later.find('../../etc', ada)).toBeUndefined()
  })

  test('lets one of many servers take a run over, and the one that had it knows', async () => {
    const kept = run()
    const first = await keeper().keep(kept, ada)
    const found = await Promise.all(Array.from({ length: 8 }, () => keeper().find(kept.id, ada)))
    const claimed = await Promise.all(found.map((it) => it?.claim()))
    const winners = claimed.filter((hold) => hold !== undefined)
    expect(winners).toHaveLength(1)
    expect(await first?.update(run({ id: kept.id }))).toBe(false)
    expect(await first?.release()).toBe(false)
    expect(await winners[0]?.update({ ...kept, ended: {} })).toBe(true)
    expect((await keeper().find(kept.id, ada))?.run.ended).toEqual({})
    expect(await winners[0]?.release()).toBe(true)
    expect(await keeper().find(kept.id, ada)).toBeUndefined()
  })

  test('lets either the server that has a run or one that takes it over go on, never both', async () => {
    for (let round = 0; round < 30; round++) {
      const kept = run()
      const here = keeper()
      const hold = await here.keep(kept, ada)
      const found = await here.find(kept.id, ada)
      const [released, claimed] = await Promise.all([hold?.release(), found?.claim()])
      expect([released, claimed !== undefined].filter(Boolean)).toHaveLength(1)
      expect(await here.discard(kept.id)).toBe(claimed !== undefined)
    }
  })

  test('finds the run with the same arguments that no server waits with any more', async () => {
    const [old, young] = [run(), run()]
    const gone = keeper()
    const here = keeper()
    const hold = await gone.keep(old, ada)
    await gone.keep(young, ada)
    expect(await here.orphan(old, ada)).toBeUndefined()
    hold?.leave()
    expect((await gone.orphan(old, ada))?.run.id).toBe(old.id)
    await gone.close()
    if (type === 'file')
      expect((await readdir(join(folder, 'runs'))).filter((it) => it.endsWith('.alive'))).toEqual([])
    else await forgetPresence()
    expect((await here.orphan(old, ada))?.run.id).toBe(old.id)
    expect(await here.orphan(old, grace)).toBeUndefined()
    expect(await here.orphan({ ...old, params: { version: '8' } }, ada)).toBeUndefined()
    expect(await here.orphan({ ...old, workflow: 'other' }, ada)).toBeUndefined()
  })

  test('keeps so many runs and no more, for so long and no longer', async () => {
    const few = keeper({ max: 3, expireMs: 400 })
    const said: string[] = []
    const told = keeper({ max: 3, log: { ...silent, warn: (_, message) => void said.push(message) } })
    for (let n = 0; n < 3; n++) expect(await few.keep(run(), ada)).toBeDefined()
    expect(await told.keep(run(), ada)).toBeUndefined()
    expect(said).toEqual(['a run that waits is not kept: there are too many'])
    expect(await few.all()).toHaveLength(3)
    await expect.poll(async () => (await few.all()).length).toBe(0)
    expect(await told.keep(run(), ada)).toBeDefined()
  })

  test('keeps nothing that is too large, and what grows too large no longer', async () => {
    const huge = { all: { status: 'completed', output: { text: 'x'.repeat(5 * 1024 * 1024) } } }
    const here = keeper()
    expect(await here.keep(run({ ended: huge }), ada)).toBeUndefined()
    const kept = run()
    const hold = await here.keep(kept, ada)
    expect(await hold?.update({ ...kept, ended: huge })).toBe(true)
    expect(await here.find(kept.id, ada)).toBeUndefined()
    expect(await hold?.release()).toBe(true)
  })

  test('has nothing of a run in the clear, and no name of its caller', async () => {
    const kept = run()
    await keeper().keep(kept, ada)
    const stored = type === 'file' ? await filesIn(join(folder, 'runs')) : await allOfRedis()
    expect(stored.length).toBeGreaterThan(100)
    expect(stored).toContain(kept.id)
    for (const secret of ['top-secret', 'deploy', 'confirm', 'ada', 'vmcp-local'])
      expect(stored).not.toContain(secret)
  })

  test('opens nothing that was changed, swapped, or sealed with another key or for another server', async () => {
    const [one, other] = [run(), run()]
    const here = keeper()
    await here.keep(one, ada)
    await here.keep(other, ada)
    const message = `the record of run ${one.id} does not open: it was changed, or sealed with another key`
    await expect(keeper({ key: randomBytes(32) }).find(one.id, ada)).rejects.toThrow(message)
    if (type === 'file')
      await expect(keeper({ server: 'another' }).find(one.id, ada)).rejects.toThrow(message)
    await swap(one.id, other.id)
    await expect(here.find(one.id, ada)).rejects.toThrow(message)
    await tamper(other.id)
    await expect(here.find(other.id, ada)).rejects.toThrow('does not open')
    expect(await here.all()).toEqual(expect.arrayContaining([{ id: one.id }, { id: other.id }]))
    expect(await here.discard(one.id)).toBe(true)
  })

  async function forgetPresence(): Promise<void> {
    await inRedis(async (client) => {
      for (const name of await client.keys(`${space}:*alive*`)) await client.del(name)
    })
  }

  async function swap(one: string, other: string): Promise<void> {
    if (type === 'file') {
      const [a, b] = [await bodyFile(one), await bodyFile(other)]
      const [first, second] = [await readFile(a), await readFile(b)]
      await writeFile(a, second)
      await writeFile(b, first)
    } else
      await inRedis(async (client) => {
        const [a = '', b = ''] = [await keyOf(client, one), await keyOf(client, other)]
        const [first, second] = [await client.hGet(a, 'body'), await client.hGet(b, 'body')]
        await client.hSet(a, 'body', second ?? '')
        await client.hSet(b, 'body', first ?? '')
      })
  }

  async function tamper(id: string): Promise<void> {
    if (type === 'file') {
      const file = await bodyFile(id)
      const body = await readFile(file)
      body[body.length - 1] = (body.at(-1) ?? 0) ^ 1
      await writeFile(file, body)
    } else
      await inRedis(async (client) => {
        await client.hSet((await keyOf(client, id)) ?? '', 'body', Buffer.alloc(500).toString('base64'))
      })
  }
})

describe('a folder of runs', () => {
  it('is for its owner alone, and what dead servers left in it goes', async () => {
    const path = join(folder, 'runs')
    const entries = new FileEntries(path)
    const entry = { id: 'a', holder: 'h-1', match: 'm', until: Date.now() + 60_000, body: Buffer.from('x') }
    expect(await entries.create(entry, 5)).toBe(true)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    const [name = ''] = await readdir(path)
    expect((await stat(join(path, name, 'sealed'))).mode & 0o777).toBe(0o600)
    const past = new Date(Date.now() - 2 * 60 * 60_000)
    for (const file of ['dead.alive', 'old.spare', 'fresh.spare', 'other'])
      await writeFile(join(path, file), '')
    for (const file of ['dead.alive', 'old.spare', 'other']) await utimes(join(path, file), past, past)
    await new FileEntries(path).names()
    expect((await readdir(path)).sort()).toEqual([name, 'fresh.spare', 'other'].sort())
  })
})

test('a Redis that cannot be reached makes each question fail, soon', async () => {
  const gone = await startRedis()
  await gone.stop()
  const said: string[] = []
  const log: Log = { ...silent, error: (_, message) => void said.push(message) }
  const entries = new RedisEntries({ address: gone.address, db: 0, keyPrefix: 'p:' }, 's', log)
  const keeper = new Keeper({ entries, vault: new Vault(key, 's'), expireMs: 1_000, max: 1, log })
  keepers.push(keeper)
  await expect(keeper.keep(run(), ada)).rejects.toThrow()
  await expect(keeper.find('x', ada)).rejects.toThrow()
  expect(said).toEqual(['Redis cannot be reached'])
})

async function bodyFile(id: string): Promise<string> {
  const names = await readdir(join(folder, 'runs'))
  return join(folder, 'runs', names.find((name) => name.startsWith(`${id}.`)) ?? '', 'sealed')
}

async function filesIn(path: string): Promise<string> {
  const names = await readdir(path, { recursive: true })
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), 'latin1').catch(() => '')))
  return [...names, ...texts].join('\n')
}

type Client = ReturnType<typeof createClient>

async function inRedis<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = createClient({ url: `redis://${redis.address}` })
  await client.connect()
  try {
    return await work(client as Client)
  } finally {
    client.destroy()
  }
}

async function keyOf(client: Client, id: string): Promise<string | undefined> {
  return (await client.keys(`*run:${id}`))[0]
}

function allOfRedis(): Promise<string> {
  return inRedis(async (client) => {
    const names = await client.keys(`${space}:*`)
    const hashes = await Promise.all(
      names.filter((it) => it.includes(':run:')).map((it) => client.hGetAll(it)),
    )
    return JSON.stringify([names, hashes])
  })
}
