import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/errors.ts'
import type { KeptRun, RunKeeper } from '../../core/runs.ts'
import { accept, answering, DONE, resuming, useServers } from './testing/servers.ts'
import { CALLER, TestExchange } from './testing.ts'

const servers = useServers()

describe('a run whose server is gone while it waits', () => {
  test('is resumed by a call that names it: its question comes again, and nothing that was done is done again', async () => {
    const id = await servers.abandoned()
    const exchange = new TestExchange(() => accept)
    const result = await servers.call(servers.keeper(), { ...resuming(id), exchange })
    expect(result).toMatchObject({
      structuredContent: DONE,
      _meta: { 'dev.vmcp/report': { run: id, status: 'completed' } },
    })
    expect(servers.calls).toEqual(['plan', 'deploy'])
    expect(exchange.asks[0]?.params.parse()).toMatchObject({
      message: 'Go on with v7 at confirm?',
      _meta: { 'dev.vmcp/run': id },
    })
    expect(exchange.progressed.map(({ message }) => message)).toContain('step 3 of 3: deploy')
    expect(await readdir(servers.folder)).toEqual(expect.not.arrayContaining([expect.stringMatching(/run$/)]))
  })

  test('is resumed by the answer itself, where that comes with the call', async () => {
    const id = await servers.abandoned()
    expect((await servers.call(servers.keeper(), answering(id, 'confirm')))['structuredContent']).toEqual(
      DONE,
    )
    expect(servers.calls).toEqual(['plan', 'deploy'])
  })

  test('asks anew where the answer that comes is not to its question', async () => {
    const id = await servers.abandoned()
    const exchange = new TestExchange(() => accept)
    await servers.call(servers.keeper(), { ...answering(id, 'other'), exchange })
    expect(exchange.asks).toHaveLength(1)
  })

  test('is resumed once, however many try', async () => {
    const id = await servers.abandoned()
    const tries = Array.from({ length: 6 }, () => servers.call(servers.keeper(), answering(id, 'confirm')))
    const ended = await Promise.allSettled(tries)
    const reasons = ended.flatMap((it) => (it.status === 'rejected' ? [GatewayError.from(it.reason)] : []))
    expect(reasons).toHaveLength(5)
    for (const { code, message } of reasons)
      expect({ code, message }).toEqual({
        code: 'invalid_params',
        message: expect.stringContaining(`no run "${id}" of yours`),
      })
    expect(servers.calls).toEqual(['plan', 'deploy'])
  })

  test.each([
    [
      'by another caller',
      { caller: { ...CALLER, principal: { ...CALLER.principal, subject: 'eve' } } },
      'of yours waits here',
    ],
    ['with other arguments', { args: { what: 'v8' } }, 'was begun with other arguments'],
    [
      'with another definition',
      { config: { timeoutMs: 5 } },
      "'m' is defined in another way now than when it began",
    ],
  ])('is not resumed %s, and still waits', async (_, it, message) => {
    const id = await servers.abandoned()
    await expect(servers.call(servers.keeper(), { ...answering(id, 'confirm'), ...it })).rejects.toThrow(
      message,
    )
    expect(servers.calls).toEqual(['plan'])
    expect((await servers.call(servers.keeper(), answering(id, 'confirm')))['structuredContent']).toEqual(
      DONE,
    )
  })

  test('is not resumed by a client that could not be asked, and still waits', async () => {
    const id = await servers.abandoned()
    const mute = { ...CALLER, capabilities: {} }
    await expect(servers.call(servers.keeper(), { ...resuming(id), caller: mute })).rejects.toMatchObject({
      code: 'capability_required',
      data: { requiredCapabilities: { elicitation: {} } },
    })
    expect(
      (await servers.call(servers.keeper(), { ...answering(id, 'confirm'), caller: mute }))[
        'structuredContent'
      ],
    ).toEqual(DONE)
  })

  test('is not resumed where it was kept in a way that this server does not know, and is there still', async () => {
    const id = await servers.abandoned()
    const keeper = servers.keeper()
    const found = await keeper.find(id, CALLER.principal)
    const hold = await found?.claim()
    await hold?.update({ ...(await keeper.open(id)), ended: { plan: { status: 'done' } } } as KeptRun)
    hold?.leave()
    const resumed = servers.call(servers.keeper(), answering(id, 'confirm'))
    await expect(resumed).rejects.toThrow(
      `run ${id} cannot go on: it was kept by a server of another version`,
    )
    expect(servers.calls).toEqual(['plan'])
    expect(await keeper.open(id)).toMatchObject({ id })
  })

  test('is not resumed where runs are not kept, and the client is told so', async () => {
    const nothing: RunKeeper = {
      keep: async () => undefined,
      find: async () => undefined,
      orphan: async () => undefined,
    }
    await expect(servers.call(nothing, resuming('x'))).rejects.toThrow('no run "x" of yours waits here')
  })
})
