import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { type BackendEntry, config } from '../fixtures/config.ts'
import { Stage, serverCommand } from '../fixtures/stage.ts'
import { type Connect, connectRemote, connectV1, connectV2, type Door, stdioDoor } from './peers.ts'

// Real clients of both eras, through the gateway, to real servers of both eras over every transport.

const stage = closedAfterAll(new Stage())
let doors: Record<'http' | 'stdio', Door>

const EXPECTED = [
  'gh_create_issue',
  'gh_list_repos',
  'lh_echo',
  'ls_echo',
  'mh_echo',
  'ms_echo',
  'sse_echo',
  'sh_who',
]

beforeAll(async () => {
  const backends: BackendEntry[] = [
    { name: 'mh', url: (await stage.hosted('echo', { era: 'modern' })).ready },
    { name: 'lh', url: (await stage.hosted('echo', { era: 'legacy' })).ready },
    { name: 'sse', transport: 'sse', url: (await stage.hosted('echo', { transport: 'sse' })).ready },
    { name: 'ms', transport: 'stdio', ...serverCommand('echo', { era: 'modern' }) },
    { name: 'ls', transport: 'stdio', ...serverCommand('echo', { era: 'legacy' }) },
    { name: 'gh', url: (await stage.hosted('github', { era: 'both' })).ready },
    { name: 'sh', url: (await stage.hosted('shared-a', { era: 'legacy' })).ready },
  ]
  const content = config(backends)
  const gateway = await stage.gateway({ config: content })
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(EXPECTED.length))
  doors = { http: { url: gateway.ready }, stdio: stdioDoor(await stage.file('vmcp.yaml', content)) }
})
const PEERS: [string, Connect, 'http' | 'stdio'][] = [
  ['SDK v1 over HTTP', connectV1, 'http'],
  ['SDK v1 over stdio', connectV1, 'stdio'],
  ['SDK v2, legacy, over HTTP', connectV2('legacy'), 'http'],
  ['SDK v2, legacy, over stdio', connectV2('legacy'), 'stdio'],
  ['SDK v2, modern, over HTTP', connectV2('modern'), 'http'],
  ['SDK v2, modern, over stdio', connectV2('modern'), 'stdio'],
  ['SDK v2, by its own probe, over HTTP', connectV2('auto'), 'http'],
  ['SDK v2, by its own probe, over stdio', connectV2('auto'), 'stdio'],
  ['mcp-remote, legacy', connectRemote('legacy'), 'http'],
  ['mcp-remote, by its own probe', connectRemote('auto'), 'http'],
]

describe.each(PEERS)('%s', (_name, connect, door) => {
  test('lists, calls, reads and prompts', async () => {
    const peer = await connect(stage, doors[door])
    await eventually(async () => expect((await peer.listTools()).toSorted()).toEqual(EXPECTED.toSorted()))
    for (const name of EXPECTED.filter((tool) => tool.endsWith('_echo'))) {
      expect(await peer.callText(name, { input: `for ${name}` })).toBe(`for ${name}`)
    }
    expect(await peer.callText('gh_create_issue', { title: 't' })).toContain('issue_id')
    expect(await peer.readText('data://x')).toContain('x from shared-a')
    expect(await peer.promptText('gh_summary', { repo: 'r' })).toContain('github summary of r')
  })
})
