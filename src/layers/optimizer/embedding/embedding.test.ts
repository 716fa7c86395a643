import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EmbeddingService, type Trouble } from '../../../../test/fixtures/embedding/service.ts'
import type { Log } from '../../../core/log.ts'
import type { EmbeddingConfig } from '../../../core/optimizer.ts'
import { TestGateway } from '../../composition/testing.ts'
import { described, findNames, optimized, remote, SOME } from '../testing.ts'
import { EmbeddedMeaning } from './meaning.ts'

let service: EmbeddingService
let folder: string
let logged: string[]
const open: EmbeddedMeaning[] = []
const log: Log = {
  debug() {},
  info: (_, message) => logged.push(`info: ${message}`),
  warn: (_, message) => logged.push(`warn: ${message}`),
  error: (_, message) => logged.push(`error: ${message}`),
}

beforeEach(async () => {
  service = await new EmbeddingService().start()
  folder = await mkdtemp(join(tmpdir(), 'vmcp-vectors-'))
  logged = []
})

afterEach(async () => {
  for (const meaning of open.splice(0)) meaning.close()
  await service.stop()
  await rm(folder, { recursive: true, force: true })
})

function meaningOf(config: EmbeddingConfig = remote(service.url), more: object = {}): EmbeddedMeaning {
  const meaning = new EmbeddedMeaning({ config, threshold: 1, log, ...more })
  open.push(meaning)
  return meaning
}

/** Found by its meaning only: no word of it is in the question, and no synonym that search by words knows. */
const BOOKS = described('books.make_invoice', 'Writes an invoice.')
const QUESTION = 'payment automobile'
const CAR = described('garage.start_car', 'Turns the key of the car.')
const offer = () => new TestGateway(...SOME, BOOKS, CAR)

describe.each(['tei', 'openai'] as const)('with a service that speaks as %s', (provider) => {
  const own = (more: object = {}) => remote(service.url, { provider, model: 'm', apiKey: 'k', ...more })

  test('tools are found by meaning as well as by words', async () => {
    const gateway = optimized(
      offer(),
      { semanticRatio: 1, distanceThreshold: 0.9 },
      meaningOf(own(), { threshold: 0.9 }),
    )
    expect((await findNames(gateway, QUESTION)).slice(0, 2).sort()).toEqual([
      'books_make_invoice',
      'garage_start_car',
    ])
  })

  test('only tools that have changed are embedded again', async () => {
    const inner = offer()
    const meaning = meaningOf(own())
    const gateway = optimized(inner, {}, meaning)
    await findNames(gateway, 'one')
    expect(meaning.embedded).toBe(SOME.length + 2)
    inner.offer([...SOME, BOOKS, described('garage.start_car', 'Turns another key.')])
    await findNames(gateway, 'two')
    expect(meaning.embedded).toBe(SOME.length + 3)
  })

  test('as few texts are sent, and as short ones, as it takes', async () => {
    service.limits = { texts: 3, characters: 700 }
    const tools = [...SOME, BOOKS, CAR, described('a.long', 'picture '.repeat(900))]
    const meaning = meaningOf(own())
    await findNames(optimized(new TestGateway(...tools), {}, meaning), QUESTION)
    expect(meaning.status).toMatchObject({ status: 'ok', vectors: tools.length })
    expect(logged).toEqual([])
  })

  test('vectors that were kept on disk are not made again', async () => {
    const first = meaningOf(own({ cacheFolder: folder }))
    await findNames(optimized(offer(), {}, first), QUESTION)
    first.close()
    const second = meaningOf(own({ cacheFolder: folder }))
    const found = await findNames(optimized(offer(), {}, second), QUESTION)
    expect(second.embedded).toBe(0)
    expect(second.status.vectors).toBe(SOME.length + 2)
    expect(found).toContain('books_make_invoice')
  })

  test('what was cut off on disk is made again', async () => {
    const first = meaningOf(own({ cacheFolder: folder }))
    await findNames(optimized(offer(), {}, first), QUESTION)
    first.close()
    const [file = ''] = await readdir(folder)
    await truncate(join(folder, file), 2_500)
    for (const expected of [SOME.length + 2 - 2, 0]) {
      const next = meaningOf(own({ cacheFolder: folder }))
      await findNames(optimized(offer(), {}, next), QUESTION)
      expect(next.embedded).toBe(expected)
      next.close()
    }
  })

  test.each<[Trouble, RegExp]>([
    ['slow', /did not answer within 300 ms/],
    ['fails', /answered HTTP 500/],
    ['talks nonsense', /did not answer with JSON/],
    ['miscounts', /did not answer with 1 vectors of one length/],
    ['refuses the key', /refused the credentials \(HTTP 401\)/],
  ])('that %s, words are enough, and the log says so once', async (trouble, reason) => {
    service.trouble = trouble
    const meaning = meaningOf(own({ timeoutMs: 300 }))
    const gateway = optimized(offer(), {}, meaning)
    for (let i = 0; i < 3; i++)
      expect((await findNames(gateway, 'create an issue'))[0]).toBe('github_create_issue')
    expect(logged).toEqual([expect.stringMatching(reason)])
    expect(logged[0]).toMatch(/^warn: tools are found by words only: /)
    expect(meaning.status).toMatchObject({ status: 'down', reason: expect.stringMatching(reason) })
    expect(service.requests.length).toBeLessThanOrEqual(2)
  })

  test('that goes and comes back, meaning comes back', async () => {
    const meaning = meaningOf(own())
    const gateway = optimized(offer(), {}, meaning)
    await service.stop()
    expect((await findNames(gateway, 'create an issue'))[0]).toBe('github_create_issue')
    await service.start()
    await expect
      .poll(async () => (await findNames(gateway, QUESTION)).includes('books_make_invoice'), {
        timeout: 5_000,
      })
      .toBe(true)
    expect(logged).toEqual([
      expect.stringContaining('warn: tools are found by words only'),
      'info: tools are found by meaning again',
    ])
    expect(meaning.status).toMatchObject({ status: 'ok', vectors: SOME.length + 2 })
  })
})

test('a service gets its key and its headers, and asks for the model by name', async () => {
  const config = remote(service.url, {
    provider: 'openai',
    model: 'm-1',
    apiKey: 'sk-1',
    headers: { 'x-team': 'a' },
  })
  await findNames(optimized(offer(), {}, meaningOf(config)), QUESTION)
  expect(service.requests[0]).toMatchObject({
    path: '/v1/embeddings',
    model: 'm-1',
    headers: { authorization: 'Bearer sk-1', 'x-team': 'a' },
  })
})

test('another model behind the same address makes all vectors anew', async () => {
  const meaning = meaningOf(remote(service.url))
  const gateway = optimized(offer(), {}, meaning)
  await findNames(gateway, QUESTION)
  await service.stop()
  await findNames(gateway, QUESTION)
  service.model = 'test/model-2'
  service.dimensions = 64
  await service.start()
  await expect
    .poll(async () => (await findNames(gateway, QUESTION)).includes('books_make_invoice'), { timeout: 5_000 })
    .toBe(true)
  expect(meaning.embedded).toBe(2 * (SOME.length + 2))
  expect(meaning.status.vectors).toBe(SOME.length + 2)
})

test('what is too far away is not found by meaning', async () => {
  const gateway = optimized(offer(), { semanticRatio: 1 }, meaningOf(remote(service.url), { threshold: 0 }))
  expect(await findNames(gateway, QUESTION)).toEqual([])
})

test('a service that nobody is to listen to is not asked', async () => {
  await findNames(optimized(offer(), { semanticRatio: 0 }, meaningOf()), QUESTION)
  expect(service.requests).toEqual([])
})

test('a local model without the package that runs it says what to install', async () => {
  const meaning = meaningOf({ provider: 'local', model: '/models/none', cacheFolder: undefined })
  expect(await findNames(optimized(offer(), {}, meaning), 'create an issue')).toContain('github_create_issue')
  expect(meaning.status).toMatchObject({
    reason: expect.stringContaining('npm install @huggingface/transformers'),
  })
})
