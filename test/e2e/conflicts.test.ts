import { beforeAll, describe, expect, test } from 'vitest'
import { ask, callText, toolNames } from '../fixtures/ask.ts'
import { runCli } from '../fixtures/cli.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config, prefixed } from '../fixtures/config.ts'
import type { Server } from '../fixtures/stage.ts'
import { Stage } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
let github: Server
let jira: Server
beforeAll(async () => {
  github = await stage.hosted('github', { era: 'both' })
  jira = await stage.hosted('jira', { era: 'legacy' })
})
const backends = () => [
  { name: 'github', url: github.ready },
  { name: 'jira', url: jira.ready },
]
const served = (aggregation: object) => stage.gateway({ config: config(backends(), { aggregation }) })
const priority = (...priorityOrder: string[]) => ({
  conflictResolution: 'priority',
  conflictResolutionConfig: { priorityOrder },
})

describe('prefix', () => {
  test('gives every tool the name of its backend, and routes each call there', async () => {
    const { ready } = await served(prefixed())
    expect(await toolNames(ready)).toEqual(['github_create_issue', 'github_list_repos', 'jira_create_issue'])
    expect(await callText(ready, 'github_create_issue', { title: 't' })).toContain('issue_id')
    expect(await callText(ready, 'jira_create_issue', { title: 't' })).toContain('issue_key')
    expect(await callText(ready, 'github_list_repos')).toContain('repos')
  })

  test('does not answer to the unprefixed name, nor to the dotted one', async () => {
    const { ready } = await served(prefixed())
    for (const name of ['create_issue', 'github.create_issue']) {
      const { message } = await ask(ready, 'tools/call', { name, arguments: {} })
      expect(message.error?.code).toBe(-32602)
    }
  })
})

describe('priority', () => {
  test('lets the first in the order win, and drops the others', async () => {
    const { ready } = await served(priority('jira', 'github'))
    expect(await toolNames(ready)).toEqual(['create_issue', 'list_repos'])
    expect(await callText(ready, 'create_issue', { title: 't' })).toContain('issue_key')
  })

  test('that names neither claimant prefixes both, and leaves what is unique alone', async () => {
    const { ready } = await served(priority('somebody-else'))
    expect(await toolNames(ready)).toEqual(['github_create_issue', 'jira_create_issue', 'list_repos'])
  })
})

describe('manual', () => {
  const manual = (...tools: object[]) => ({
    conflictResolution: 'manual',
    conflictResolutionConfig: {},
    tools,
  })
  const rename = {
    workload: 'github',
    overrides: { create_issue: { name: 'gh_create_issue', description: 'Creates an issue' } },
  }

  test('refuses a conflict that nobody decided, naming the tool and its backends', async () => {
    const file = await stage.file(
      'vmcp.yaml',
      config(backends(), { aggregation: manual({ workload: 'jira' }) }),
    )
    for (const command of [
      ['validate', '--connect', '--config', file],
      ['serve', '--port', '0', '--config', file],
    ]) {
      const outcome = await runCli(command)
      expect(outcome.code, outcome.output).toBe(3)
      for (const word of ['create_issue', 'github', 'jira']) expect(outcome.stderr).toContain(word)
    }
  })

  test('with an override serves both, and the backend hears its own name', async () => {
    const { ready } = await served(manual(rename))
    expect(await toolNames(ready)).toEqual(['create_issue', 'gh_create_issue', 'list_repos'])
    expect(await callText(ready, 'gh_create_issue', { title: 't' })).toContain('issue_id')
    expect(await callText(ready, 'create_issue', { title: 't' })).toContain('issue_key')
  })
})

describe('hiding', () => {
  test('everything lists nothing, and hidden tools cannot be called', async () => {
    const { ready } = await served(prefixed({ excludeAllTools: true }))
    expect(await toolNames(ready)).toEqual([])
    const { message } = await ask(ready, 'tools/call', { name: 'github_list_repos', arguments: {} })
    expect(message.error?.code).toBe(-32602)
  })

  test('one backend leaves the other', async () => {
    const { ready } = await served(prefixed({ tools: [{ workload: 'github', excludeAll: true }] }))
    expect(await toolNames(ready)).toEqual(['jira_create_issue'])
  })

  test('a filter leaves what it names', async () => {
    const { ready } = await served(prefixed({ tools: [{ workload: 'github', filter: ['list_repos'] }] }))
    expect(await toolNames(ready)).toEqual(['github_list_repos', 'jira_create_issue'])
  })

  test('by default shows only workloads with an entry', async () => {
    const aggregation = prefixed({ defaultToolVisibility: 'deny', tools: [{ workload: 'jira' }] })
    const { ready } = await served(aggregation)
    expect(await toolNames(ready)).toEqual(['jira_create_issue'])
  })
})
