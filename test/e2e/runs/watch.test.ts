import { expect, test, vi } from 'vitest'
import { callText, eventually, toolNames } from '../../fixtures/ask.ts'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { STRING } from '../../fixtures/fixture.ts'
import { Stage } from '../../fixtures/stage.ts'
import { params, tool } from '../composite.ts'
import { controlOf, type Served, serveFile } from '../live/served.ts'

// `vmcp runs` against a server that runs, and the end of a run by its operator.

// Each command is a process of its own.
vi.setConfig({ testTimeout: 90_000 })

const stage = closedAfterEach(new Stage())
async function served(era: 'legacy' | 'modern'): Promise<Served> {
  const { ready: url } = await stage.hosted('talking', { era })
  const who = '{{.params.who}}'
  const compositeTools = [
    tool(
      'waits',
      [
        { id: 'look', tool: 't.state' },
        { id: 'wait', tool: 't.wait', arguments: { who }, dependsOn: ['look'] },
        { id: 'after', tool: 't.state', dependsOn: ['wait'] },
      ],
      { parameters: params({ who: STRING }) },
    ),
  ]
  const it = await serveFile(stage, config([{ name: 't', url }], { compositeTools }))
  await eventually(async () => expect(await toolNames(it.url)).toContain('waits'))
  return it
}

const called = { name: 'waits', arguments: { who: 'top-secret' } }

async function waiting(it: Served): Promise<{ id: string }> {
  return eventually(async () => {
    const { stdout } = await it.cli('runs', '--json')
    const [run] = JSON.parse(stdout).runs
    expect(run).toMatchObject({ workflow: 'waits', state: 'running', done: 1, total: 3 })
    return run as { id: string }
  })
}

test.each(['legacy', 'modern'] as const)(
  'an operator sees a run and its steps, and ends it: the %s backend is told, and the client is told why',
  async (era) => {
    const it = await served(era)
    expect((await it.cli('runs')).stdout).toBe('no runs of composite tools\n')
    const client = await LegacyClient.open(it.url)
    stage.defer(() => client.close())
    const answer = client.result('tools/call', called)
    const { id } = await waiting(it)

    const list = (await it.cli('runs')).stdout
    expect(list).toMatch(/^RUN +TOOL +CALLER +STATE +STEPS +BEGAN +TIME$/m)
    expect(list).toMatch(new RegExp(`^${id.slice(0, 8)} +waits +Anonymous User +running +1/3 `, 'm'))
    const one = await it.cli('runs', id.slice(0, 8))
    expect(one.stdout).toContain(`waits running (run ${id})`)
    expect(one.stdout).toMatch(/^wait +tool +t\.wait +running +20/m)
    expect(one.stdout).toMatch(/^after +tool +t\.state +pending/m)
    expect(list + one.stdout).not.toContain('top-secret')

    const ended = await it.cli('runs', id, '--cancel')
    expect(ended).toMatchObject({ code: 0, stdout: `✓ run ${id} of 'waits' is ended\n` })
    const result = (await answer) as { isError?: boolean; content: { text: string }[]; _meta: object }
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: 'Workflow execution failed: an operator of this server has ended the run' }],
      _meta: {
        'dev.vmcp/report': {
          run: id,
          status: 'cancelled',
          steps: [{}, { status: 'cancelled' }, { status: 'pending' }],
        },
      },
    })
    await eventually(async () =>
      expect(JSON.parse(await callText(it.url, 't_state'))).toMatchObject({
        waiting: [],
        cancelled: ['top-secret'],
        finished: [],
      }),
    )

    expect((await it.cli('runs', id)).stdout).toMatch(/^wait +tool +t\.wait +cancelled/m)
    const again = await it.cli('runs', id, '--cancel')
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('has ended already: cancelled') })
    const unknown = await it.cli('runs', 'nothing')
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('no run has the id "nothing"') })
    expect(await it.cli('runs', '--cancel')).toMatchObject({ code: 2 })
  },
)

test('whoever watches a run sees each step end, until the run has', async () => {
  const it = await served('legacy')
  const client = new ModernClient(it.url)
  stage.defer(() => client.close())
  const answer = client.result('tools/call', called)
  const { id } = await waiting(it)
  const watched = it.cli('runs', id, '--watch')
  await eventually(async () =>
    expect(await callText(it.url, 't_release', { who: 'top-secret' })).toBe('released'),
  )
  await answer
  const { code, stdout } = await watched
  expect(code).toBe(0)
  expect(stdout).toMatch(/step=after status=completed/)
  expect(stdout.trim().split('\n').at(-1)).toMatch(/status=|state=completed/)
  expect(stdout).toContain(`run=${id} workflow=waits state=completed`)
})

test('the runs are told to nobody who lacks the token of the control port', async () => {
  const it = await served('legacy')
  const { control } = await controlOf(it.env)
  for (const path of ['/runs', '/runs/x', '/runs/x/cancel']) {
    const reply = await fetch(control + path, { headers: { authorization: 'Bearer guess' } })
    expect(reply.status).toBe(401)
  }
})
