import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openKey } from './key.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vmcp-key-'))
})
afterEach(() => rm(dir, { recursive: true }))

it('makes a key file for its owner alone, in a folder that need not be there, and reads it ever after', async () => {
  const file = join(dir, 'deep', 'run.key')
  const key = await openKey({ file })
  expect(key).toHaveLength(32)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await openKey({ file })).toEqual(key)
  expect(await readdir(join(dir, 'deep'))).toEqual(['run.key'])
})

it('gives the same key to all who make it at once', async () => {
  const file = join(dir, 'run.key')
  const keys = await Promise.all(Array.from({ length: 20 }, () => openKey({ file })))
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
  expect((await readFile(file, 'utf8')).trim()).toBe(keys[0]?.toString('base64'))
})

it('refuses a key file that others may read, and says how to mend that', async () => {
  const file = join(dir, 'run.key')
  await openKey({ file })
  await chmod(file, 0o640)
  await expect(openKey({ file })).rejects.toThrow(
    `others may read the key file ${file}: make it yours alone (chmod 600)`,
  )
})

it('reads keys in hexadecimal, base64 and base64url, and refuses what is no key without showing it', async () => {
  const bytes = Buffer.alloc(32, 0xfb)
  for (const encoding of ['hex', 'base64', 'base64url'] as const)
    expect(await openKey({ text: `${bytes.toString(encoding)}\n`, place: 'RUN_KEY' })).toEqual(bytes)
  const refused = openKey({ text: 'correct horse', place: 'RUN_KEY' })
  await expect(refused).rejects.toThrow(/^RUN_KEY is no key: expected 32 random bytes/)
  await expect(refused).rejects.not.toThrow('horse')
})

it('says which file it is that cannot be used', async () => {
  const file = join(dir, 'run.key')
  await writeFile(file, 'short', { mode: 0o600 })
  await expect(openKey({ file })).rejects.toThrow(`${file} is no key`)
  await expect(openKey({ file: dir })).rejects.toThrow(dir)
  await expect(openKey({ file: join(file, 'below') })).rejects.toThrow(
    `the key file ${join(file, 'below')} cannot be used`,
  )
})
