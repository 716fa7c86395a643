import { describe, expect, it } from 'vitest'
import type { Offer } from '../../core/ports.ts'
import { MINIMAL, parse } from '../testing.ts'
import { lint } from './index.ts'

const BACKENDS = `backends:
  - {name: github, transport: stdio, command: a}
  - {name: jira, transport: stdio, command: b}
`

function offer(...names: readonly string[]): Offer {
  return { tools: names.map((name) => ({ name })), prompts: [], resources: [], templates: [] }
}

const OFFERS = new Map([['github', offer('create_issue', 'list_repos')]])

function warnings(text: string, offers: ReadonlyMap<string, Offer> = OFFERS): string[] {
  const result = parse(text + BACKENDS)
  if (!result.ok) expect.fail(JSON.stringify(result.diagnostics))
  const found = lint(result.config, result.source, offers)
  expect(found.every(({ severity }) => severity === 'warning')).toBe(true)
  return found.map(
    ({ line, path, message, hint }) => `${line} ${path}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  )
}

const tools = (entry: string) => `${MINIMAL}  tools: [{workload: github, ${entry}}]\n`
const T = '11 aggregation.tools[0]'

describe('lint is silent', () => {
  it('about a file that means what it says', () => {
    expect(warnings(MINIMAL)).toEqual([])
    expect(warnings(tools('filter: [create_issue], overrides: {create_issue: {title: New}}'))).toEqual([])
    expect(warnings(tools('filter: [gh_new], overrides: {create_issue: {name: gh_new}}'))).toEqual([])
  })

  it('about tools of backends that cannot be reached', () => {
    expect(warnings(tools('filter: [nothing]').replace('github', 'jira'))).toEqual([])
  })
})

describe('lint warns', () => {
  it('of a filter entry that matches no tool', () => {
    expect(warnings(tools('filter: [create_isue, zzz]'))).toEqual([
      `${T}.filter[0]: no tool is called "create_isue" (did you mean create_issue?)`,
      `${T}.filter[1]: no tool is called "zzz"`,
    ])
  })

  it('of a filter that names a tool by the name it no longer has', () => {
    expect(warnings(tools('filter: [create_issue], overrides: {create_issue: {name: gh_new}}'))).toEqual([
      `${T}.filter[0]: names the tool "create_issue", which is renamed to "gh_new" (write gh_new: other programs that read this file know only the new name)`,
    ])
  })

  it('of an override that matches no tool', () => {
    expect(warnings(tools('overrides: {list_repo: {title: T}}'))).toEqual([
      `${T}.overrides.list_repo: no tool is called "list_repo" (did you mean list_repos?)`,
    ])
  })

  it('of an override whose tool the same entry hides', () => {
    expect(warnings(tools('filter: [list_repos], overrides: {create_issue: {name: gh_new}}'))).toEqual([
      `${T}.overrides.create_issue: the tool is hidden: the filter does not name it (add gh_new to the filter)`,
    ])
    expect(warnings(tools('excludeAll: true, overrides: {create_issue: {title: T}}'))).toEqual([
      `${T}.overrides.create_issue: the tool is hidden by excludeAll`,
    ])
  })

  it('of a new name that another tool of the backend has, unless that is renamed too', () => {
    expect(warnings(tools('overrides: {create_issue: {name: list_repos}}'))).toEqual([
      `${T}.overrides.create_issue: the new name "list_repos" is that of another tool of this backend`,
    ])
    expect(
      warnings(tools('overrides: {create_issue: {name: list_repos}, list_repos: {name: repos}}')),
    ).toEqual([])
  })

  it('of names of backends that there are not', () => {
    const text = `${MINIMAL.replace('source: inline', 'source: inline\n  backends: {nobody: {type: unauthenticated}}').replace('prefix\n', 'priority\n').replace('prefixFormat: "{workload}_"', 'priorityOrder: [jira, gitub]')}  tools: [{workload: gihub}]
operational: {timeouts: {perWorkload: {jirra: 3s}}}
`
    expect(warnings(text)).toEqual([
      '7 outgoingAuth.backends.nobody: there is no backend "nobody"',
      '11 aggregation.conflictResolutionConfig.priorityOrder[1]: there is no backend "gitub" (did you mean github?)',
      '12 aggregation.tools[0].workload: there is no backend "gihub" (did you mean github?)',
      '13 operational.timeouts.perWorkload.jirra: there is no backend "jirra" (did you mean jira?)',
    ])
  })

  it('of prefixes that make names longer than 64 characters', () => {
    const long = new Map([['github', offer('a'.repeat(57), 'b'.repeat(58), 'c'.repeat(60))]])
    expect(warnings(MINIMAL, long)).toEqual([
      `10 aggregation.conflictResolutionConfig.prefixFormat: the prefix "github_" makes 2 names longer than 64 characters, such as github_${'b'.repeat(58)} (shorten prefixFormat, or rename the tools by overrides)`,
    ])
    const renamed = `${MINIMAL}  tools: [{workload: github, overrides: {${'a'.repeat(58)}: {name: short}}}]\n`
    expect(warnings(renamed, new Map([['github', offer('a'.repeat(58))]]))).toEqual([])
  })

  it('of prefixes outside of what tool names may hold', () => {
    expect(warnings(MINIMAL.replace('{workload}_', '{workload}/'))).toEqual([
      '10 aggregation.conflictResolutionConfig.prefixFormat: with the backend "github" the prefix is "github/"; tool names are made of A-Z a-z 0-9 _ . -',
      '10 aggregation.conflictResolutionConfig.prefixFormat: with the backend "jira" the prefix is "jira/"; tool names are made of A-Z a-z 0-9 _ . -',
    ])
    expect(warnings(MINIMAL.replace('{workload}_', '{workload}.'))).toEqual([])
  })
})
