import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GatewayError } from '../core/errors.ts'

const BYTES = 32
const HEX = /^[0-9a-f]{64}$/i
const BASE64 = /^[\w+/-]{43}=?$/

/** Where a secret of 32 bytes is: `text` itself, such as the value of an environment variable, or in a file. */
export type KeySource =
  /** `place` names it in errors. */
  { readonly text: string; readonly place: string } | { readonly file: string }

/**
 * A key for `seal`. A file that is not there is made, for its owner alone; of several processes that do so at once, all
 * get the same key.
 * @throws GatewayError `config` where it is no key, or others may read the file
 */
export async function openKey(source: KeySource): Promise<Buffer> {
  if ('text' in source) return parseKey(source.text, source.place)
  return (await readKey(source.file)) ?? (await makeKey(source.file))
}

/** Whether a text is a key. */
export function isKey(text: string): boolean {
  const key = text.trim()
  return HEX.test(key) || BASE64.test(key)
}

/** 64 hexadecimal digits, or base64 or base64url of 32 bytes. */
function parseKey(text: string, place: string): Buffer {
  const key = text.trim()
  if (HEX.test(key)) return Buffer.from(key, 'hex')
  if (BASE64.test(key)) return Buffer.from(key, 'base64')
  throw new GatewayError(
    'config',
    `${place} is no key: expected ${BYTES} random bytes as 64 hexadecimal digits or in base64 ` +
      '(make one with: openssl rand -base64 32)',
  )
}

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      checkMode(path, (await file.stat()).mode)
      return parseKey(await file.readFile('utf8'), path)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unusable(path, error)
  }
}

/** Windows has no such modes. */
function checkMode(path: string, mode: number): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  throw new GatewayError('config', `others may read the key file ${path}: make it yours alone (chmod 600)`)
}

/** It appears under its name with all that is in it, and only where nobody was quicker. */
async function makeKey(path: string): Promise<Buffer> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(`${randomBytes(BYTES).toString('base64')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(draft, path).catch(ignoreExisting)
  } catch (error) {
    throw unusable(path, error)
  } finally {
    await rm(draft, { force: true })
  }
  const key = await readKey(path)
  if (key === undefined) throw new GatewayError('config', `the key file ${path} has gone while it was made`)
  return key
}

function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error
}

function unusable(path: string, cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause
  return new GatewayError('config', `the key file ${path} cannot be used: ${(cause as Error).message}`, {
    cause,
  })
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
