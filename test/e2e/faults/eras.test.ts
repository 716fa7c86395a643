import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { callFault, ERAS, echo, FaultStage } from '../../fixtures/faults/stage.ts'

const stage = closedAfterEach(new FaultStage())
const REVISIONS = { legacy: '2025-11-25', modern: '2026-07-28' } as const
const CHANGES = [
  ['legacy', 'modern'],
  ['modern', 'legacy'],
] as const
const TIMEOUTS = { json: '15s', events: '15s', stdio: '15s' }

test.each(CHANGES)(
  'backends that restart from %s to %s serve clients of both eras with the next call',
  async (from, to) => {
    const era = await stage.file('era.json', JSON.stringify(from))
    const kinds = ['json', 'events'] as const
    const servers = await Promise.all(
      kinds.map(async (kind) => {
        const flags = { transport: 'http', reply: kind === 'json' ? 'json' : 'sse', era } as const
        const child = await stage.faulty(flags)
        return { kind, child, flags: { ...flags, port: Number(new URL(child.ready).port) } }
      }),
    )
    const entries = servers.map(({ kind, child }) => ({ name: kind, url: child.ready }))
    const stdio = await stage.backend('stdio', { transport: 'stdio', era })
    await stage.start([...entries, stdio], { timeouts: TIMEOUTS })
    const names = [...kinds, 'stdio']
    const clients = await Promise.all(ERAS.map((it) => stage.client(it)))
    for (const client of clients)
      for (const name of names) await eventually(async () => expect(await echo(client, name, 'a')).toBe('a'))

    await writeFile(era, JSON.stringify(to))
    for (const { child, flags } of servers) {
      await child.stop('SIGKILL')
      await stage.faulty(flags)
    }
    for (const client of clients) {
      const { message } = await callFault(client, 'stdio', 'exit')
      expect(message.error?.message).toContain('exited with code 7')
    }
    const told = clients.flatMap((client) => names.map((name) => echo(client, name, name)))
    expect(await Promise.all(told)).toEqual([...names, ...names])
    for (const name of names)
      expect(await stage.statusOf(name)).toMatchObject({
        health: expect.stringMatching(/^(healthy|degraded)$/),
        mcp_revision: REVISIONS[to],
      })
    await stage.unharmed()
  },
)
