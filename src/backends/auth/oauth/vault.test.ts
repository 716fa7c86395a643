import { chmod, copyFile, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Rogue } from '../../../../test/fixtures/idp/rogue.ts'
import type { LoginRecord } from './record.ts'
import { openScene, type Scene } from './testing.ts'
import { Vault } from './vault.ts'

let scene: Scene<Rogue>
beforeEach(async () => {
  scene = await openScene(await Rogue.start())
})
afterEach(() => scene.close())

const RECORD: LoginRecord = { wanted: { scopes: ['very-secret-scope'] } }

function vault(name = 'b', url = 'https://mcp.example/mcp', more = {}): Vault {
  return new Vault(name, new URL(url), scene.config(more))
}

async function kept(): Promise<Vault> {
  const one = vault()
  await one.update(() => RECORD)
  return one
}

describe('a login at rest', () => {
  it('is read again by another process, and is in files of the user alone', async () => {
    await kept()
    expect(await vault().read()).toEqual(RECORD)
    const files = await readdir(scene.folder)
    expect(files).toHaveLength(2)
    for (const file of files) {
      expect((await stat(`${scene.folder}/${file}`)).mode & 0o777).toBe(0o600)
      expect(await readFile(`${scene.folder}/${file}`, 'latin1')).not.toContain('very-secret')
    }
  })

  it('is nobody else’s: not of another name, address, issuer or client', async () => {
    await kept()
    const others = [
      vault('c'),
      vault('b', 'https://mcp.example/mcp2'),
      vault('b', 'https://evil.example/mcp'),
      vault('b', undefined, { issuer: 'https://login.example' }),
      vault('b', undefined, { client: { id: 'me' } }),
      vault('b', undefined, { clientIdMetadataUrl: 'https://c.example/me' }),
    ]
    for (const other of others) expect(await other.read()).toEqual({})
    expect(new Set(others.map(({ path }) => path)).size).toBe(others.length)
  })

  it('is not read where its file was put in the place of another', async () => {
    const one = await kept()
    const other = vault('b', 'https://evil.example/mcp')
    await copyFile(one.path, other.path)
    await expect(other.read()).rejects.toThrow(/it was changed, or sealed with another key/)
  })

  it('is not read where a bit was changed, or the key is another', async () => {
    const one = await kept()
    const sealed = await readFile(one.path)
    for (const at of [0, 10, 40, sealed.length - 1]) {
      const changed = Buffer.from(sealed)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      await writeFile(one.path, changed)
      await expect(vault().read()).rejects.toThrow(/it was changed/)
    }
    await writeFile(one.path, sealed)
    const key = { text: Buffer.alloc(32, 7).toString('base64'), place: 'the environment variable KEY' }
    await expect(vault('b', undefined, { store: { folder: scene.folder, key } }).read()).rejects.toThrow(
      /another key/,
    )
  })

  it('is not read where others may read or write it', async () => {
    const one = await kept()
    for (const mode of [0o640, 0o602, 0o666]) {
      await chmod(one.path, mode)
      await expect(vault().read()).rejects.toThrow(/others may read or write it/)
    }
  })

  it('is not read through a symbolic link, nor where it is huge', async () => {
    const one = await kept()
    await rename(one.path, `${one.path}.moved`)
    await symlink(`${one.path}.moved`, one.path)
    await expect(vault().read()).rejects.toThrow(/symbolic link/)
    const other = vault('c')
    await writeFile(other.path, Buffer.alloc(600_000), { mode: 0o600 })
    await expect(other.read()).rejects.toThrow(/larger than/)
  })

  it('is changed by one process at a time', async () => {
    const count = (record: LoginRecord) => record.wanted?.scopes?.length ?? 0
    await Promise.all(
      Array.from({ length: 8 }, () =>
        vault().update(async (record) => {
          const scopes = [...(record.wanted?.scopes ?? []), `s${count(record)}`]
          await new Promise((resolve) => setTimeout(resolve, 5))
          return { wanted: { scopes } }
        }),
      ),
    )
    expect((await vault().read()).wanted?.scopes).toEqual(Array.from({ length: 8 }, (_, i) => `s${i}`))
    expect((await readdir(scene.folder)).filter((name) => !/^(key|b-\w+\.login)$/.test(name))).toEqual([])
  })
})
