import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rename, rm, stat, symlink, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually } from '../../../test/fixtures/ask.ts'
import type { Log } from '../../core/log.ts'
import { AuditFile } from './file.ts'
import { AuditWriter, type WriterOptions } from './writer.ts'

let folder: string
let path: string
let said: string[]
let writer: AuditWriter | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmcp-audit-'))
  path = join(folder, 'audit.log')
  said = []
})

afterEach(async () => {
  await writer?.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(options: Partial<WriterOptions> = {}): Promise<AuditWriter> {
  const say = (_: unknown, message: string) => void said.push(message)
  const log: Log = { debug: say, info: say, warn: say, error: say }
  const quick = { gatherMs: 1, retryMs: 5, closeMs: 500 }
  writer = new AuditWriter(await AuditFile.open(path), { log, onFull: 'drop', ...quick, ...options })
  return writer
}

const lines = async (file = path) => (await readFile(file, 'utf8')).split('\n').slice(0, -1)
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `line ${from + at}`)

it('writes every line in order, and those of the end before it closes', async () => {
  const audit = await open()
  for (const line of numbered(20_000)) audit.write(`${line}\n`)
  await audit.close()
  expect(await lines()).toEqual(numbered(20_000))
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

it('appends to what is there', async () => {
  await (await open()).close()
  const first = await open()
  first.write('one\n')
  await first.close()
  const second = await open()
  second.write('two\n')
  await second.close()
  expect(await lines()).toEqual(['one', 'two'])
})

it.runIf(process.platform !== 'win32')(
  'does not wait for ever for somebody to read a pipe, and writes to one that is read',
  async () => {
    execFileSync('mkfifo', [path])
    await expect(open()).rejects.toThrow(/\(ENXIO\): it is a pipe that nobody reads/)
    const reader = createReadStream(path, { encoding: 'utf8' })
    const read: string[] = []
    reader.on('data', (text) => read.push(String(text)))
    const audit = await eventually(() => open())
    for (const line of numbered(50_000)) audit.write(`${line}\n`)
    await audit.close()
    await once(reader, 'end')
    expect(read.join('').split('\n').slice(0, -1)).toEqual(numbered(50_000))
  },
)

it('says where a file cannot be had, and how to mend it', async () => {
  path = join(folder, 'none', 'audit.log')
  await expect(open()).rejects.toThrow(
    /cannot open the audit log .*none.audit\.log \(ENOENT\): make its directory/,
  )
})

it('goes on in a new file when it is told that the old one was moved', async () => {
  const audit = await open()
  audit.write('before\n')
  await sleep(50)
  await rename(path, `${path}.1`)
  await audit.reopen()
  audit.write('after\n')
  await audit.close()
  expect(await lines(`${path}.1`)).toEqual(['before'])
  expect(await lines()).toEqual(['after'])
})

it('finds out by itself that the file was moved, and loses nothing', async () => {
  const audit = await open()
  for (let at = 0; at < 30; at++) {
    audit.write(`line ${at}\n`)
    if (at === 5) await rename(path, `${path}.1`)
    await sleep(50)
  }
  await audit.close()
  const [before, after] = [await lines(`${path}.1`), await lines()]
  expect([...before, ...after]).toEqual(numbered(30))
  expect(after.length).toBeGreaterThan(0)
})

/** /dev/full fails every write as a full disk does. */
async function onFullDisk(options: Partial<WriterOptions> = {}): Promise<AuditWriter> {
  await symlink('/dev/full', path)
  return open(options)
}

async function makeRoom(audit: AuditWriter): Promise<void> {
  await unlink(path)
  await audit.reopen()
}

it('keeps what a full disk does not take, says so once, and writes it when there is room', async () => {
  const audit = await onFullDisk()
  for (const line of numbered(10)) audit.write(`${line}\n`)
  await sleep(60)
  expect(audit.state).toEqual({ waiting: 10, dropped: 0, failing: 'ENOSPC' })
  for (const line of numbered(10, 10)) audit.write(`${line}\n`)
  await makeRoom(audit)
  await audit.close()
  expect(await lines()).toEqual(numbered(20))
  expect(audit.state).toEqual({ waiting: 0, dropped: 0 })
  expect(said).toEqual([
    'the audit log cannot be written; what is to be written waits',
    'the audit log can be written again',
  ])
})

it('drops and counts what there is no room for', async () => {
  const audit = await onFullDisk({ maxBytes: 100 })
  for (const line of numbered(100)) audit.write(`${line}\n`)
  expect(audit.room()).toBeUndefined()
  const { dropped } = audit.state
  expect(dropped).toBeGreaterThan(50)
  await makeRoom(audit)
  await audit.close()
  expect(await lines()).toEqual(numbered(100 - dropped))
  expect(said.filter((it) => it.includes('dropped'))).toHaveLength(1)
  expect(said).toContain('there is room in the audit log again; lines are missing')
})

it('lets requests wait instead, where nothing may be lost', async () => {
  const audit = await onFullDisk({ maxBytes: 100, onFull: 'block' })
  expect(audit.room()).toBeUndefined()
  for (const line of numbered(100)) audit.write(`${line}\n`)
  const room = audit.room()
  expect(room).toBeInstanceOf(Promise)
  await makeRoom(audit)
  await room
  await audit.close()
  expect(await lines()).toEqual(numbered(100))
})

it('ends in time where nothing can be written, says what is lost, and holds nobody up', async () => {
  const audit = await onFullDisk({ maxBytes: 10, onFull: 'block', closeMs: 100 })
  for (const line of numbered(3)) audit.write(`${line}\n`)
  const room = audit.room()
  await audit.close()
  await room
  expect(said.at(-1)).toBe('the end of the audit log could not be written')
  writer = undefined
})
