import { mkdir, mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Places, type WatchTimes } from './places.ts'
import { hasChangedSince } from './signature.ts'

const QUICK: WatchTimes = { quietMs: 40, lookMs: 60_000, missingMs: 400 }

let folder: string
let file: string
let open: Places[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmcp-places-'))
  file = join(folder, 'vmcp.yaml')
  await writeFile(file, 'one')
  open = []
})

afterEach(async () => {
  for (const places of open) places.close()
  await rm(folder, { recursive: true })
})

/** Counts what is told of these places, once they are watched. */
async function watched(paths: readonly string[], times: Partial<WatchTimes> = {}) {
  const told = { times: 0 }
  const places = new Places(paths, () => told.times++, { ...QUICK, ...times })
  open.push(places)
  await sleep(150)
  return { told, places }
}

const later = () => sleep(400)

describe('a file that is watched', () => {
  test('is told of once, however many writes there were', async () => {
    const { told } = await watched([file])
    for (const text of ['two', 'three!', 'four!!']) await writeFile(file, text)
    await later()
    expect(told.times).toBe(1)
  })

  test('is told of again after it was put in the place of another, each time', async () => {
    const { told } = await watched([file])
    for (const count of [1, 2, 3]) {
      await writeFile(`${file}.new`, `text ${count}`)
      await rename(`${file}.new`, file)
      await later()
      expect(told.times).toBe(count)
    }
  })

  test('is told of when it is a link into a folder that is swapped, as Kubernetes does', async () => {
    const version = async (name: string, text: string) => {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'config.yaml'), text)
      await symlink(name, join(folder, '..data_tmp'))
      await rename(join(folder, '..data_tmp'), join(folder, '..data'))
    }
    await version('..2026_1', 'first')
    const link = join(folder, 'config.yaml')
    await symlink(join('..data', 'config.yaml'), link)
    const { told } = await watched([link])
    await version('..2026_2', 'second')
    await rm(join(folder, '..2026_1'), { recursive: true })
    await later()
    expect(told.times).toBe(1)
    await version('..2026_3', 'third')
    await later()
    expect(told.times).toBe(2)
  })

  test('is told of when the file changes that it is a link to', async () => {
    await mkdir(join(folder, 'elsewhere'))
    const real = join(folder, 'elsewhere', 'real.yaml')
    await writeFile(real, 'one')
    const link = join(folder, 'link.yaml')
    await symlink(real, link)
    const { told } = await watched([link])
    await writeFile(real, 'another')
    await later()
    expect(told.times).toBe(1)
  })

  test('may be gone for a moment', async () => {
    const { told } = await watched([file])
    await unlink(file)
    await sleep(150)
    expect(told.times).toBe(0)
    await writeFile(file, 'back')
    await later()
    expect(told.times).toBe(1)
  })

  test('is told of when it stays away, and when it comes back', async () => {
    const { told } = await watched([file])
    await unlink(file)
    await sleep(1_000)
    expect(told.times).toBe(1)
    await writeFile(file, 'back')
    await later()
    expect(told.times).toBe(2)
  })

  test('is not told of when others in its folder change, nor when it stays as it is', async () => {
    const { told } = await watched([file])
    for (let n = 0; n < 50; n++) await writeFile(join(folder, 'other'), String(n))
    await later()
    expect(told.times).toBe(0)
  })

  test('is told of while its folder never comes to rest', async () => {
    const { told } = await watched([file])
    let noisy = true
    const noise = (async () => {
      while (noisy) {
        await writeFile(join(folder, 'noise'), String(Math.random()))
        await sleep(5)
      }
    })()
    await writeFile(file, 'two')
    await later()
    noisy = false
    await noise
    expect(told.times).toBe(1)
  })

  test('is found to have changed by a look now and then, where the system says nothing', async () => {
    const away = join(folder, 'not-there-yet')
    const { told } = await watched([join(away, 'vmcp.yaml')], { lookMs: 100 })
    await mkdir(away)
    await writeFile(join(away, 'vmcp.yaml'), 'here')
    await sleep(600)
    expect(told.times).toBe(1)
    await rm(away, { recursive: true })
    await mkdir(away)
    await writeFile(join(away, 'vmcp.yaml'), 'another folder of that name')
    await sleep(600)
    expect(told.times).toBe(2)
    // The folder of now is watched.
    await writeFile(join(away, 'vmcp.yaml'), 'and again')
    await sleep(600)
    expect(told.times).toBe(3)
  })
})

describe('a folder that is watched', () => {
  test('is told of when a file in it comes, changes in place, or goes', async () => {
    const { told } = await watched([folder])
    const other = join(folder, 'other.json')
    await writeFile(other, '{}')
    await later()
    await writeFile(other, '{"more": 1}')
    await later()
    await unlink(other)
    await later()
    expect(told.times).toBe(3)
  })
})

test('places that are followed instead are known as they are', async () => {
  const { told, places } = await watched([file])
  const other = join(folder, 'other.yaml')
  await writeFile(other, 'one')
  places.follow([other])
  await later()
  expect(told.times).toBe(0)
  await utimes(file, new Date(), new Date())
  await later()
  expect(told.times).toBe(0)
  await writeFile(other, 'two')
  await later()
  expect(told.times).toBe(1)
})

test('nothing is told after the end', async () => {
  const { told, places } = await watched([file])
  await writeFile(file, 'two')
  places.close()
  await later()
  expect(told.times).toBe(0)
})

test('what changed before anybody watched is known by its time', async () => {
  await sleep(20)
  const since = Date.now()
  expect(await hasChangedSince(file, since)).toBe(false)
  expect(await hasChangedSince(join(folder, 'none.yaml'), since)).toBe(false)
  await sleep(20)
  await writeFile(file, 'two')
  expect(await hasChangedSince(file, since)).toBe(true)
})
