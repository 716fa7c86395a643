import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { runCli } from '../fixtures/cli.ts'
import { LegacyClient, ModernClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config, prefixed } from '../fixtures/config.ts'
import type { Json } from '../fixtures/fixture.ts'
import { ROOT } from '../fixtures/root.ts'
import { Stage } from '../fixtures/stage.ts'

const EVERYTHING = join(ROOT, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js')
const PARAMETERS = {
  str_param: { rename: 'where', url: { schemes: ['https'], hosts: ['*.company.com'] } },
  int_param: { default: 3, minimum: 1, maximum: 5 },
  num_param: { value: 1.5 },
  bool_param: { hide: true, default: true },
}
const WRAPPER = {
  name: 'level',
  description: 'Sets a level',
  parameters: {
    str_param: { value: 'level' },
    int_param: { rename: 'level', map: { low: 1, high: 9 } },
    num_param: { value: 0 },
    bool_param: { value: false },
  },
}
const PICKY = {
  name: 'picky',
  parameters: {
    str_param: { pattern: '^[a-z]+$', maxLength: 5, description: 'One short word.' },
    int_param: { enum: [1, 2] },
    num_param: { value: 0 },
    bool_param: { value: false },
  },
}
const PUBLIC = {
  name: 'public',
  parameters: {
    ...WRAPPER.parameters,
    str_param: { url: { ports: [443], denyPrivate: true } },
    int_param: { value: 0 },
  },
}
const wrap = [WRAPPER, PICKY, PUBLIC]
const tools = [{ workload: 'typed', overrides: { typed_tool: { parameters: PARAMETERS, wrap } } }]
const compositeTools = [
  {
    name: 'visit',
    description: 'Visits',
    parameters: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] },
    steps: [{ id: 'a', tool: 'typed.typed_tool', arguments: { where: '{{.params.to}}' } }],
  },
]

const stage = closedAfterAll(new Stage())
let clients: Record<string, LegacyClient | ModernClient>
let document: object
beforeAll(async () => {
  const backends: { name: string; url: string }[] = []
  for (const era of ['legacy', 'modern'] as const) {
    const name = era === 'legacy' ? 'typed' : 'other'
    backends.push({ name, url: (await stage.hosted('typed', { era })).ready })
  }
  document = config(backends, { aggregation: prefixed({ tools }), compositeTools })
  const gateway = await stage.gateway({ config: document })
  const modern = new ModernClient(gateway.ready)
  const legacy = await LegacyClient.open(gateway.ready)
  clients = { modern, legacy }
  stage.defer(() => Promise.all([modern.close(), legacy.close()]))
  await vi.waitFor(async () => {
    expect((await modern.result('tools/list')).tools).toHaveLength(6)
  }, 10_000)
})
describe.each(['legacy', 'modern'])('a %s client', (era) => {
  const call = async (name: string, args: Json) => {
    const result = await (clients[era] as ModernClient).result('tools/call', { name, arguments: args })
    const [{ text }] = result.content as [{ text: string }]
    return result.isError === true ? text : (JSON.parse(text) as Json)
  }

  it('sees the parameters as the configuration has them, and those of other backends untouched', async () => {
    const listed = (await (clients[era] as ModernClient).result('tools/list')).tools as Json[]
    const schemas = Object.fromEntries(listed.map(({ name, inputSchema }) => [name, inputSchema as Json]))
    expect(Object.keys(schemas).sort()).toEqual([
      'other_typed_tool',
      'typed_level',
      'typed_picky',
      'typed_public',
      'typed_typed_tool',
      'visit',
    ])
    expect(schemas.typed_typed_tool).toMatchObject({
      properties: {
        where: { format: 'uri', description: 'allowed schemes: https; hosts: *.company.com' },
        int_param: { default: 3, minimum: 1, maximum: 5 },
      },
    })
    expect(Object.keys(schemas.typed_typed_tool?.properties as Json)).toEqual(['where', 'int_param'])
    expect(schemas.typed_level).toMatchObject({
      properties: { level: { type: 'string', enum: ['low', 'high'] } },
      required: ['level'],
    })
    expect(schemas.typed_picky).toMatchObject({
      properties: {
        str_param: { description: 'One short word.', pattern: '^[a-z]+$', maxLength: 5 },
        int_param: { enum: [1, 2] },
      },
    })
    expect(Object.keys(schemas.other_typed_tool?.properties as Json)).toHaveLength(4)
  })

  it('has its values checked, completed and called by the backend’s own names', async () => {
    expect(await call('typed_typed_tool', { where: 'https://docs.company.com/' })).toEqual({
      str_param: 'https://docs.company.com/',
      int_param: 3,
      num_param: 1.5,
      bool_param: true,
    })
    expect(await call('typed_level', { level: 'high' })).toEqual({
      str_param: 'level',
      int_param: 9,
      num_param: 0,
      bool_param: false,
    })
  })

  it.each([
    [
      { where: 'https://company.com.evil.example/' },
      "parameter 'where' must lead to one of the hosts *.company.com",
    ],
    [
      { where: 'https://a.company.com/', int_param: 6 },
      "parameter 'int_param' must be a number of at least 1 and at most 5",
    ],
    [{ str_param: 'https://a.company.com/' }, "parameter 'str_param': this tool does not take it"],
    [{ where: 'https://a.company.com/', num_param: 2 }, "parameter 'num_param': this tool does not take it"],
  ])('is told what is wrong with %j', async (args, expected) => {
    expect(await call('typed_typed_tool', args)).toBe(`typed_typed_tool: ${expected}`)
  })

  it.each([
    ['picky', { str_param: 'Abc', int_param: 1 }, "'str_param' must be text that matches ^[a-z]+$"],
    ['picky', { str_param: 'abcdef', int_param: 1 }, "'str_param' must be text of at most 5 characters"],
    ['picky', { str_param: 'abc', int_param: 3 }, "'int_param' must be one of 1, 2"],
    ['public', { str_param: 'http://93.184.216.34/' }, "'str_param' must have one of the ports 443"],
    ['public', { str_param: 'https://127.0.0.1/' }, "'str_param' must not lead to a private network"],
    ['public', { str_param: 'https://[::ffff:a00:1]/' }, "'str_param' must not lead to a private network"],
    ['public', { str_param: 'https://2130706433/' }, 'whose host is written in its plain form'],
    ['public', { str_param: 'https://you@93.184.216.34/' }, 'without a user name or password'],
    ['public', { str_param: 'https://93.184.216.34/?u=http://10.0.0.1' }, 'must not carry a further URL'],
    ['typed_tool', { where: 'https://a.company.com/?u=//evil.example' }, 'must not carry a further URL'],
    ['typed_tool', { where: 'https://а.company.com/' }, 'punycode for other alphabets'],
  ])('is refused by %s: %j', async (name, args, expected) => {
    expect(await call(`typed_${name}`, args)).toContain(expected)
  })

  it('gets through where all is well', async () => {
    expect(await call('typed_picky', { str_param: 'abc', int_param: 2 })).toMatchObject({ int_param: 2 })
    expect(await call('typed_public', { str_param: 'https://93.184.216.34/' })).toMatchObject({
      int_param: 0,
    })
  })

  it('gets no further by a composite tool', async () => {
    const { text } = (await call('visit', { to: 'https://a.company.com/' })) as { text: string }
    expect(JSON.parse(text)).toMatchObject({ int_param: 3, num_param: 1.5 })
    expect(await call('visit', { to: 'https://evil.example/' })).toContain(
      "parameter 'where' must lead to one of the hosts *.company.com",
    )
  })
})

it('mistakes are found before anything is served, each with its line', async () => {
  const faulty = {
    a: { pattern: '(?=x)' },
    b: { minimum: 2, maximum: 1 },
    c: { value: 1, enum: [1] },
    d: { rename: 'a' },
    e: { default: 'z', enum: ['x'] },
    f: {},
    g: { url: { hosts: ['https://x.example/'] } },
  }
  const file = await stage.file('vmcp.yaml', {
    ...document,
    aggregation: prefixed({
      tools: [{ workload: 'typed', overrides: { typed_tool: { parameters: faulty } } }],
    }),
  })
  const { code, output } = await runCli(['validate', '--config', file])
  expect(code).toBe(3)
  for (const message of [
    'parameters.a.pattern: not a pattern in RE2 syntax',
    'parameters.b.maximum: no number is at least 2 and at most 1',
    'parameters.c.enum: value fixes the parameter, so that enum has no effect',
    'parameters.d.rename: callers would know both "a" and "d" as "a"',
    'parameters.e.default: the default must be one of "x"',
    'parameters.f: the entry of f changes nothing',
    'parameters.g.url.hosts[0]: expected a host name',
  ])
    expect(output).toContain(message)
})

it('validate --connect warns of parameters that no tool has, and of hidden ones that it needs', async () => {
  const echo = { name: 'ev', transport: 'stdio', command: 'node', args: [EVERYTHING, 'stdio'] } as const
  const parameters = { mesage: { default: 'x' }, message: { hide: true } }
  const aggregation = prefixed({ tools: [{ workload: 'ev', overrides: { echo: { parameters } } }] })
  const file = await stage.file('vmcp.yaml', config([echo], { aggregation }))
  const { stderr } = await runCli(['validate', '--connect', '--config', file])
  expect(stderr).toContain('the tool has no parameter "mesage"')
  expect(stderr).toContain('did you mean message?')
  expect(stderr).toContain('the tool cannot be called: it requires this parameter, which is hidden')
})
