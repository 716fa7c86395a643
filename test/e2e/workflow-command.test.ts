import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../fixtures/cli.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { CLI, Stage } from '../fixtures/stage.ts'
import { echo, params, property, tool } from './composite.ts'

const stage = closedAfterAll(new Stage())
let file: string
let audit: string
beforeAll(async () => {
  const servers = ['echo', 'flaky'] as const
  const backends = await Promise.all(
    servers.map(async (name) => ({ name, url: (await stage.hosted(name, { era: 'both' })).ready })),
  )
  const schema = params({ env: { type: 'string', enum: ['staging', 'production'] } }, ['env'])
  const confirm = { id: 'confirm', type: 'elicitation', message: 'Ship {{.params.v}}?', schema }
  const compositeTools = [
    tool(
      'greet',
      [
        echo('one', 'hello {{.params.name}}'),
        echo('two', '{{.steps.one.output.text}}!', { dependsOn: ['one'] }),
      ],
      {
        parameters: params({
          name: { type: 'string', default: 'you' },
          times: { type: 'integer', default: 1 },
        }),
        output: {
          properties: {
            said: property('{{.steps.two.output.text}}'),
            times: property('{{.params.times}}', 'integer'),
          },
        },
      },
    ),
    tool(
      'ship',
      [
        { ...confirm, onDecline: { action: 'skip_remaining' } },
        echo('ship', '{{.params.v}} to {{.steps.confirm.output.content.env}}', { dependsOn: ['confirm'] }),
      ],
      { parameters: params({ v: { type: 'string' } }, ['v']) },
    ),
    tool('fails', [{ id: 'bad', tool: 'flaky.flaky', arguments: { n: 99 } }]),
    tool('lacks', [{ id: 'gone', tool: 'echo.nope', arguments: {} }]),
  ]
  audit = `${await stage.folder()}/audit.log`
  const settings = { compositeTools, audit: { logFile: audit } }
  file = await stage.file('vmcp.yaml', config(backends, settings))
})
const run = (name: string, args: readonly string[] = [], input = '') =>
  runCli(['workflow', 'run', name, '--config', file, ...args], {}, input)

describe('vmcp workflow run', () => {
  test('runs a composite tool through the gateway, tells of each step, and prints what it gives', async () => {
    const { code, stdout, stderr } = await run('greet', ['--arg', 'name=world', '--arg', 'times=3'])
    expect(JSON.parse(stdout)).toEqual({ said: 'hello world!', times: 3 })
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^\d+\.\d{3} s {2}one: started$/),
      expect.stringMatching(/one: completed \(\d+ ms\)$/),
      expect.stringMatching(/two: started$/),
      expect.stringMatching(/two: completed \(\d+ ms\)$/),
    ])
    expect(code).toBe(0)
  })

  test('takes its arguments as JSON too, and refuses those that do not fit before it connects', async () => {
    const { stdout } = await run('greet', [
      '--args',
      '{"name":"all","times":2}',
      '--arg',
      'times=4',
      '--json',
    ])
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      output: { said: 'hello all!', times: 4 },
      report: { status: 'completed', steps: [{ id: 'one' }, { id: 'two' }] },
    })
    const refused = await run('greet', ['--arg', 'times=often'])
    expect(refused.stderr).toContain('invalid arguments: times: must be integer')
    expect(refused.code).toBe(2)
  })

  test('asks what a step asks, and its exit code is that of the run', async () => {
    const accepted = await run('ship', ['--arg', 'v=7'], '{"env":"moon"}\n{"env":"staging"}\n')
    expect(accepted.stderr).toContain('question: Ship 7?')
    expect(accepted.stderr).toContain('no answer: env: must be one of "staging", "production"')
    expect(JSON.parse(accepted.stdout)).toEqual({ text: '7 to staging' })
    expect(accepted.code).toBe(0)

    const declined = await run('ship', ['--arg', 'v=7'], 'decline\n')
    expect(declined.stderr).toContain("what comes after 'confirm' was skipped")
    expect(declined.code).toBe(0)

    const silent = await run('ship', ['--arg', 'v=7'])
    expect(silent.stderr).toContain("step 'confirm': the request was cancelled")
    expect(silent.code).toBe(1)
  })

  test('fails with what went wrong', async () => {
    const failed = await run('fails', ['--json'])
    expect(JSON.parse(failed.stdout)).toMatchObject({
      ok: false,
      error: expect.stringContaining("Workflow execution failed: step 'bad'"),
      report: { status: 'failed' },
    })
    expect(failed.code).toBe(1)
    const withdrawn = await run('lacks')
    expect(withdrawn.stderr).toContain(
      "lacks is withdrawn: step 'gone' calls 'echo.nope', which is not there",
    )
    expect(withdrawn.code).toBe(1)
    const unknown = await run('grete')
    expect(unknown.stderr).toContain(
      "no composite tool is called 'grete'; there are fails, greet, lacks, ship",
    )
  })

  test('ends at once at Ctrl-C, with all that is under way, and as what a signal has ended', async () => {
    const child = spawn(process.execPath, [CLI, 'workflow', 'run', 'ship', '--config', file, '--arg', 'v=7'])
    let said = ''
    child.stderr.on('data', (text) => {
      said += text
      if (String(text).includes('question:')) child.kill('SIGINT')
    })
    const [code] = await once(child, 'exit')
    expect(said).toContain('confirm: cancelled')
    expect(said).toContain('the workflow was cancelled')
    expect(code).toBe(130)
  })

  test('is in the audit log as runs of clients are', async () => {
    await run('greet')
    const lines = (await readFile(audit, 'utf8')).trim().split('\n')
    const kinds = lines.map((line) => (JSON.parse(line) as { type: string }).type)
    expect(kinds).toContain('vmcp_workflow_completed')
  })
})

describe('vmcp workflow run --dry-run', () => {
  test('prints the plan and what is known of the arguments, and calls nothing', async () => {
    const { stdout, code } = await run('ship', ['--arg', 'v=7', '--dry-run'])
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual([
      'arguments',
      '  v: "7"',
      'steps',
      '1.',
      '  confirm  asks',
      '    message: "Ship 7?"',
      '2.',
      '  ship  echo.echo',
      '    after confirm',
      '    input: "7 to ‹.steps.confirm.output.content.env›"',
    ])
    expect(code).toBe(0)
  })

  test('says with --connect what is called, and what is not there', async () => {
    const there = await run('greet', ['--dry-run', '--connect', '--json'])
    expect(JSON.parse(there.stdout)).toMatchObject({
      ok: true,
      arguments: { name: 'you', times: 1 },
      waves: [[{ id: 'one', calls: { name: 'echo_echo', backend: 'echo' } }], [{ id: 'two' }]],
    })
    const { stdout, code } = await run('lacks', ['--dry-run', '--connect'])
    expect(stdout).toContain("fails: 'echo.nope' is not there")
    expect(code).toBe(1)
  })
})

test('vmcp workflow graph draws a composite tool', async () => {
  const graph = (...args: string[]) =>
    runCli(['workflow', 'graph', 'greet', '--config', file, ...args], { LC_ALL: 'C' })
  expect((await graph()).stdout).toContain('  one --> two\n')
  expect((await graph('--format', 'picture')).stdout).toContain('| echo.echo |\n')
  expect(JSON.parse((await graph('--json')).stdout)).toMatchObject({
    name: 'greet',
    waves: [['one'], ['two']],
  })
})
