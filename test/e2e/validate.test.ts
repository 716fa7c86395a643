import { describe, expect, test } from 'vitest'
import { runCli } from '../fixtures/cli.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { Stage } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
const backend = { name: 'a', url: 'http://127.0.0.1:9/mcp' }

async function validate(content: object | string) {
  const file = await stage.file('vmcp.yaml', content)
  return runCli(['validate', '--config', file])
}

function refusal(output: { code: number | null; stdout: string; stderr: string; output: string }): string {
  expect(output.code, output.output).toBeGreaterThan(0)
  expect(output.output).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m)
  return output.output
}

describe('the command line', () => {
  test('says what to serve when told nothing', async () => {
    const outcome = await runCli(['serve'])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toContain('either --config or --group must be specified')
  })

  test('refuses a missing file in a sentence, without a stack trace', async () => {
    const output = refusal(await runCli(['validate', '--config', '/nowhere/vmcp.yaml']))
    expect(output).toContain('/nowhere/vmcp.yaml')
  })

  test('accepts a valid configuration', async () => {
    const outcome = await validate(config([backend]))
    expect(outcome.code, outcome.output).toBe(0)
  })
})

describe('validate refuses', () => {
  test('an unknown key, by name and place', async () => {
    const { aggregation, ...rest } = config([backend]) as Record<string, unknown>
    const output = refusal(await validate({ ...rest, aggregaton: aggregation }))
    expect(output).toContain('aggregaton')
    expect(output).toMatch(/vmcp\.yaml:\d+:\d+/)
  })

  test('a health check that may take longer than its interval', async () => {
    const failureHandling = { healthCheckInterval: '30s', healthCheckTimeout: '40s' }
    const output = refusal(await validate(config([backend], { operational: { failureHandling } })))
    expect(output).toMatch(/healthCheckTimeout.*40s/)
  })

  test('a duration without a unit', async () => {
    const output = refusal(await validate(config([backend], { operational: { timeouts: { default: 30 } } })))
    expect(output).toContain('invalid duration')
    expect(output).toContain('30s')
  })

  test('a dependency cycle, a duplicate step and an unknown dependency, each on its own', async () => {
    const step = (id: string, dependsOn: string[] = []) => ({ id, tool: 'a.echo', dependsOn })
    const tool = (name: string, steps: object[]) => ({ name, description: name, steps })
    const compositeTools = [
      tool('cyclic', [step('one', ['two']), step('two', ['one'])]),
      tool('twice', [step('same'), step('same')]),
      tool('dangling', [step('alone', ['nobody'])]),
    ]
    const output = refusal(await validate(config([backend], { compositeTools })))
    expect(output).toMatch(/cycl/i)
    expect(output).toMatch(/duplicate.*same|same.*(?:duplicate|twice|already)/i)
    expect(output).toContain('nobody')
  })

  test('a header injection with two values, with none, and with an unset variable, naming the backend', async () => {
    const injection = (name: string, value: object) => [
      name,
      { type: 'header_injection', headerInjection: { headerName: 'X-Key', ...value } },
    ]
    const backends = Object.fromEntries([
      injection('both', { headerValue: 'v', headerValueEnv: 'VMCP_TEST_SET' }),
      injection('neither', {}),
      injection('unset', { headerValueEnv: 'VMCP_TEST_UNSET' }),
    ])
    const named = ['both', 'neither', 'unset'].map((name) => ({ ...backend, name }))
    const output = refusal(await validate(config(named, { outgoingAuth: { source: 'inline', backends } })))
    for (const name of ['both', 'neither', 'unset']) expect(output).toContain(`backend "${name}"`)
    expect(output).toContain('VMCP_TEST_UNSET')
  })

  test.each(['Host', 'Authorization', 'Cookie'])(
    'the header %s among those passed through',
    async (header) => {
      const output = refusal(await validate(config([backend], { passthroughHeaders: [header] })))
      expect(output).toContain(header)
    },
  )

  test('Cedar text that does not parse', async () => {
    const authz = { type: 'cedar', policies: ['permit(principal action resource);'] }
    const output = refusal(await validate(config([backend], { incomingAuth: { type: 'anonymous', authz } })))
    expect(output).toMatch(/policies\[0\].*unexpected token/)
  })

  test('an audit event that does not exist', async () => {
    const output = refusal(await validate(config([backend], { audit: { eventTypes: ['mcp_tool_cal'] } })))
    expect(output).toContain('mcp_tool_cal"')
    expect(output).toContain('mcp_tool_call')
  })

  test('an authorization type with a typo', async () => {
    const incomingAuth = {
      type: 'anonymous',
      authz: { type: 'ceder', policies: ['permit(principal, action, resource);'] },
    }
    const output = refusal(await validate(config([backend], { incomingAuth })))
    expect(output).toContain('ceder')
    expect(output).toContain('authz.type')
  })

  test('every mistake of the file in one go', async () => {
    const content = { ...config([backend, backend]), passthroughHeaders: ['Cookie'], nonsense: 1 }
    const output = refusal(await validate(content))
    expect(output).toContain('Cookie')
    expect(output).toContain('nonsense')
    expect(output).toMatch(/duplicate|already|twice/i)
  })
})

test('validate accepts a harmless header among those passed through', async () => {
  const outcome = await validate(config([backend], { passthroughHeaders: ['X-Api-Key'] }))
  expect(outcome.code, outcome.output).toBe(0)
})
