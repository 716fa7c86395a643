import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError } from '../../../core/errors.ts'
import type { OAuthConfig } from '../../../core/oauth-config.ts'
import { openKey } from '../../../stores/key.ts'
import { seal, unseal } from '../../../stores/sealed.ts'
import { exclusively } from '../../discovery/lock.ts'
import type { LoginRecord } from './record.ts'

const MOST_BYTES = 512 * 1024

/**
 * Where the login of one backend is kept: a file of its own, sealed for what it belongs to, which is the backend's
 * name, its URL, and who the configuration says we are. Where one of these is another, so is the file.
 */
export class Vault {
  readonly #config: OAuthConfig
  readonly #binding: readonly string[]
  readonly path: string
  #key: Promise<Buffer> | undefined

  constructor(backend: string, url: URL, config: OAuthConfig) {
    this.#config = config
    const { issuer = '', client, clientIdMetadataUrl } = config
    // An own id with a server that registers everybody and an id from there may be the same.
    const own = client !== undefined ? ['client', client.id] : ['metadata', clientIdMetadataUrl ?? '']
    this.#binding = ['vmcp oauth login', backend, url.href, issuer, ...own]
    const hash = createHash('sha256').update(JSON.stringify(this.#binding)).digest('hex').slice(0, 16)
    const safe = backend.replace(/[^\w-]/g, '_').slice(0, 64)
    this.path = join(config.store.folder, `${safe}-${hash}.login`)
  }

  /** @throws GatewayError `config` where there is something that is not ours, or was changed */
  async read(): Promise<LoginRecord> {
    const sealed = await this.#contents()
    if (sealed === undefined) return {}
    const plain = unseal(sealed, await this.#openKey(), this.#binding)
    if (plain === undefined)
      throw this.#unusable('it was changed, or sealed with another key; delete it and log in anew')
    return JSON.parse(plain.toString('utf8')) as LoginRecord
  }

  /**
   * Replaces what is there, if `change` returns something else, while no other process does.
   * @returns what is there afterwards
   */
  async update(change: (record: LoginRecord) => Promise<LoginRecord> | LoginRecord): Promise<LoginRecord> {
    await this.#makeFolder()
    let result: LoginRecord = {}
    // A lock that was lost on the way is no reason to throw away tokens that are good once only.
    await exclusively(this.path, async () => {
      const before = await this.read()
      result = await change(before)
      if (result !== before) await this.#write(result)
    })
    return result
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }

  /** Changes with what is there; `undefined` where nothing is. */
  async version(): Promise<string | undefined> {
    const found = await stat(this.path).catch(() => undefined)
    return found && `${found.mtimeMs} ${found.ino} ${found.size}`
  }

  async #contents(): Promise<Buffer | undefined> {
    const file = await open(this.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw this.#unusable(error.code === 'ELOOP' ? 'it is a symbolic link' : error.message)
      },
    )
    if (file === undefined) return undefined
    try {
      const { mode, uid, size } = await file.stat()
      this.#checkOwner(mode, uid)
      if (size > MOST_BYTES) throw this.#unusable(`it is larger than ${MOST_BYTES} bytes`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  }

  /** Windows has no such modes. */
  #checkOwner(mode: number, uid: number): void {
    if (process.getuid === undefined) return
    if (uid !== process.getuid())
      throw this.#unusable('it is the file of another user; delete it and log in anew')
    if ((mode & 0o077) !== 0)
      throw this.#unusable(
        'others may read or write it; log out and in again, and make it yours alone (chmod 600)',
      )
  }

  async #write(record: LoginRecord): Promise<void> {
    const sealed = seal(JSON.stringify(record), await this.#openKey(), this.#binding)
    const draft = `${this.path}.${process.pid}.${randomBytes(6).toString('hex')}`
    try {
      const file = await open(draft, 'wx', 0o600)
      try {
        await file.writeFile(sealed)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, this.path)
    } finally {
      await rm(draft, { force: true })
    }
  }

  async #makeFolder(): Promise<void> {
    const { folder } = this.#config.store
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: Error) => {
      throw new GatewayError('config', `cannot make the folder for logins ${folder}: ${cause.message}`, {
        cause,
      })
    })
  }

  /** Once; what failed is tried anew. */
  #openKey(): Promise<Buffer> {
    this.#key ??= openKey(this.#config.store.key).catch((error: unknown) => {
      this.#key = undefined
      throw error
    })
    return this.#key
  }

  #unusable(why: string): GatewayError {
    return new GatewayError('config', `the file of the login, ${this.path}, cannot be used: ${why}`)
  }
}
