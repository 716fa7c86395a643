import { describe, expect, test } from 'vitest'
import type { Catalog, JsonObject } from '../core/catalog.ts'
import { type AggregationPolicy, type ConflictStrategy, DEFAULT_AGGREGATION } from '../core/config.ts'
import type { Offer } from '../core/ports.ts'
import { aggregate, type Contribution } from './aggregate.ts'

const EMPTY: Offer = { tools: [], prompts: [], resources: [], templates: [] }
const tool = (name: string, more: JsonObject = {}) => ({ name, inputSchema: { type: 'object' }, ...more })
const offers = (backend: string, ...tools: (string | JsonObject)[]): Contribution => ({
  backend,
  offer: { ...EMPTY, tools: tools.map((it) => (typeof it === 'string' ? tool(it) : it)) },
})
const policy = (strategy: ConflictStrategy, more: Partial<AggregationPolicy> = {}): AggregationPolicy => ({
  ...DEFAULT_AGGREGATION,
  strategy,
  ...more,
})
const PREFIX = policy({ type: 'prefix', format: '{workload}_' })
const MANUAL = policy({ type: 'manual', format: '{workload}_' })
const priority = (...order: string[]) => policy({ type: 'priority', order })
const shows = ({ tools }: Catalog) =>
  Object.fromEntries(
    tools
      .filter(({ hidden }) => !hidden)
      .map(({ name, origin }) => [name, `${origin.backend}.${origin.name}`]),
  )
const workload = { filter: undefined, excludeAll: false, overrides: {} }

const GITHUB = offers('github', 'create_issue', 'list_repos')
const JIRA = offers('jira', 'create_issue')

describe('prefix', () => {
  test('puts the name of its backend before every tool', () => {
    expect(shows(aggregate([JIRA, GITHUB], PREFIX).catalog)).toEqual({
      github_create_issue: 'github.create_issue',
      github_list_repos: 'github.list_repos',
      jira_create_issue: 'jira.create_issue',
    })
  })

  test.each([
    ['{workload}', 'githubcreate_issue'],
    ['{workload}.', 'github.create_issue'],
    ['my_', 'my_create_issue'],
    ['{workload}-{workload}/$&', 'github-github/$&create_issue'],
  ])('takes the format %s literally', (format, name) => {
    const { catalog } = aggregate([offers('github', 'create_issue')], policy({ type: 'prefix', format }))
    expect(catalog.tools[0]).toMatchObject({ name, definition: { name } })
  })

  test('that makes two names one keeps both tools: the first backend by name wins, the other says why', () => {
    const { catalog } = aggregate([JIRA, GITHUB], policy({ type: 'prefix', format: 'x_' }))
    expect(shows(catalog)).toEqual({
      x_create_issue: 'github.create_issue',
      x_list_repos: 'github.list_repos',
      jira_create_issue: 'jira.create_issue',
    })
    expect(catalog.dropped).toEqual([
      {
        kind: 'tool',
        origin: { backend: 'jira', name: 'create_issue' },
        reason:
          "listed as 'jira_create_issue': the name 'x_create_issue' belongs to 'create_issue' of backend 'github'",
        as: 'jira_create_issue',
      },
    ])
  })

  test('takes the name of the backend literally', () => {
    expect(aggregate([offers('$&', 'x')], PREFIX).catalog.tools[0]?.name).toBe('$&_x')
  })

  test('does not care in which order a backend lists its tools', () => {
    const overrides = { b: { name: 'x' }, c: { name: 'x' } }
    const both = { ...PREFIX, workloads: { a: { ...workload, overrides } } }
    const { tools } = aggregate([offers('a', 'c', 'b')], both).catalog
    expect(tools).toEqual(aggregate([offers('a', 'b', 'c')], both).catalog.tools)
    expect(tools.map(({ name, origin }) => [name, origin.name])).toEqual([
      ['a_a_x', 'c'],
      ['a_x', 'b'],
    ])
  })

  test('keeps apart a_b + c and a + b_c', () => {
    const { catalog } = aggregate([offers('a_b', 'c'), offers('a', 'b_c')], PREFIX)
    expect(shows(catalog)).toEqual({ a_b_c: 'a.b_c', a_b_a_b_c: 'a_b.c' })
  })
})

describe('priority', () => {
  test('leaves unique names alone and gives a contested one to the first in the order', () => {
    const { catalog } = aggregate([GITHUB, JIRA], priority('jira', 'github'))
    expect(shows(catalog)).toEqual({ create_issue: 'jira.create_issue', list_repos: 'github.list_repos' })
    expect(catalog.dropped).toEqual([
      {
        kind: 'tool',
        origin: { backend: 'github', name: 'create_issue' },
        reason: "'jira' comes before it in the priority order and has the name 'create_issue'",
      },
    ])
  })

  test('lets a listed backend win over one that is not', () => {
    expect(shows(aggregate([GITHUB, JIRA], priority('jira')).catalog)['create_issue']).toBe(
      'jira.create_issue',
    )
  })

  test('that lists none of the claimants prefixes each', () => {
    const { catalog } = aggregate([GITHUB, JIRA], priority('other'))
    expect(shows(catalog)).toEqual({
      github_create_issue: 'github.create_issue',
      jira_create_issue: 'jira.create_issue',
      list_repos: 'github.list_repos',
    })
    expect(catalog.dropped.map(({ as }) => as)).toEqual(['github_create_issue', 'jira_create_issue'])
  })

  test('never lets a prefixed name take the bare name of another tool', () => {
    const { catalog } = aggregate([GITHUB, JIRA, offers('z', 'github_create_issue')], priority())
    expect(shows(catalog)['github_create_issue']).toBe('z.github_create_issue')
    expect(shows(catalog)['github_github_create_issue']).toBe('github.create_issue')
  })
})

describe('manual', () => {
  test('names every conflict with all its backends, and gives the name to nobody', () => {
    const { catalog, conflicts } = aggregate(
      [offers('c', 'x', 'y'), offers('b', 'y', 'z'), offers('a', 'y', 'x')],
      MANUAL,
    )
    expect(conflicts.map(({ name, backends }) => [name, backends])).toEqual([
      ['x', ['a', 'c']],
      ['y', ['a', 'b', 'c']],
    ])
    expect(shows(catalog)).toEqual({ z: 'b.z' })
    expect(catalog.dropped).toHaveLength(5)
  })

  test('is settled by an override, and the tool is still called by its own name', () => {
    const overrides = { create_issue: { name: 'gh_create_issue' } }
    const decided = { ...MANUAL, workloads: { github: { ...workload, overrides } } }
    const { catalog, conflicts } = aggregate([GITHUB, JIRA], decided)
    expect(conflicts).toEqual([])
    expect(shows(catalog)).toEqual({
      create_issue: 'jira.create_issue',
      gh_create_issue: 'github.create_issue',
      list_repos: 'github.list_repos',
    })
  })

  test('finds the conflict that an override makes, within one backend too', () => {
    const overrides = { list_repos: { name: 'create_issue' } }
    const { conflicts } = aggregate([GITHUB], {
      ...MANUAL,
      workloads: { github: { ...workload, overrides } },
    })
    expect(conflicts).toMatchObject([{ name: 'create_issue', backends: ['github'] }])
  })

  test('is settled by hiding all but one', () => {
    const decided = { ...MANUAL, workloads: { github: { ...workload, filter: ['list_repos'] } } }
    const { catalog, conflicts } = aggregate([GITHUB, JIRA], decided)
    expect(conflicts).toEqual([])
    expect(shows(catalog)['create_issue']).toBe('jira.create_issue')
    expect(catalog.tools).toHaveLength(3)
  })
})

describe('an override', () => {
  const original = tool('a', {
    title: 'A',
    description: 'does a',
    annotations: { readOnlyHint: true, title: 'T' },
    _meta: { k: 1 },
    x: [1],
    icons: [{ src: 'https://x' }],
    outputSchema: { $ref: '#/$defs/q' },
    execution: { taskSupport: 'optional' },
  })
  const overriding = (overrides: JsonObject) =>
    aggregate(
      [offers('b', original)],
      policy(
        { type: 'priority', order: [] },
        {
          workloads: { b: { ...workload, overrides: { a: overrides } } },
        },
      ),
    ).catalog.tools[0]?.definition

  test('changes what it names and nothing else', () => {
    expect(overriding({ description: 'new' })).toEqual({ ...original, description: 'new' })
    expect(overriding({ title: 'new', name: 'n' })).toEqual({ ...original, title: 'new', name: 'n' })
  })

  test('of annotations alone is merged field by field', () => {
    expect(overriding({ annotations: { destructiveHint: false, title: 'U' } })).toEqual({
      ...original,
      annotations: { readOnlyHint: true, title: 'U', destructiveHint: false },
    })
  })

  test('that changes nothing leaves the very object', () => {
    expect(overriding({})).toBe(original)
    expect(aggregate([offers('b', original)], priority()).catalog.tools[0]?.definition).toBe(original)
  })

  test('is never taken from what all objects inherit', () => {
    const { catalog } = aggregate([offers('constructor', 'toString', '__proto__')], {
      ...PREFIX,
      workloads: { b: workload },
      defaultVisibility: 'deny',
    })
    expect(catalog.tools.map(({ hidden }) => hidden)).toEqual([true, true])
    const listed = aggregate([offers('b', 'constructor')], { ...PREFIX, workloads: { b: workload } })
    expect(listed.catalog.tools[0]?.name).toBe('b_constructor')
  })
})

describe('visibility', () => {
  const overrides = { list_repos: { name: 'repos' } }
  const visible = (more: Partial<AggregationPolicy>) =>
    Object.keys(shows(aggregate([GITHUB, JIRA], { ...PREFIX, ...more }).catalog))
  const ALL = ['github_create_issue', 'github_list_repos', 'jira_create_issue']

  test.each<[string, Partial<AggregationPolicy>, string[]]>([
    [
      'excludeAllTools hides everything, whatever a filter says',
      { excludeAllTools: true, workloads: { github: { ...workload, filter: ['list_repos'] } } },
      [],
    ],
    [
      'deny hides backends without an entry',
      { defaultVisibility: 'deny', workloads: { jira: workload } },
      ['jira_create_issue'],
    ],
    [
      'excludeAll hides one backend, whatever its filter says',
      { workloads: { github: { ...workload, excludeAll: true, filter: ['list_repos'] } } },
      ['jira_create_issue'],
    ],
    [
      'a filter leaves what it names',
      { workloads: { github: { ...workload, filter: ['list_repos'] } } },
      ['github_list_repos', 'jira_create_issue'],
    ],
    ['an empty filter leaves everything', { workloads: { github: { ...workload, filter: [] } } }, ALL],
    [
      'a filter may hold the new name',
      { workloads: { github: { ...workload, overrides, filter: ['repos'] } } },
      ['github_repos', 'jira_create_issue'],
    ],
    [
      'a filter may hold the own name of a renamed tool',
      { workloads: { github: { ...workload, overrides, filter: ['list_repos'] } } },
      ['github_repos', 'jira_create_issue'],
    ],
    [
      'a filter does not know prefixed names',
      { workloads: { github: { ...workload, filter: ['github_list_repos'] } } },
      ['jira_create_issue'],
    ],
  ])('%s', (_, more, names) => {
    expect(visible(more)).toEqual(names)
  })

  test('hidden tools stay reachable', () => {
    expect(aggregate([GITHUB, JIRA], { ...PREFIX, excludeAllTools: true }).catalog.tools).toHaveLength(3)
  })

  test('a hidden tool never takes a name from one that is seen', () => {
    const hide = { github: { ...workload, excludeAll: true } }
    for (const strategy of [
      priority('github').strategy,
      priority().strategy,
      MANUAL.strategy,
      { type: 'prefix', format: '' } as const,
    ]) {
      const { catalog, conflicts } = aggregate([GITHUB, JIRA], policy(strategy, { workloads: hide }))
      expect(conflicts).toEqual([])
      expect(shows(catalog)).toEqual({ create_issue: 'jira.create_issue' })
      expect(catalog.tools.map(({ name }) => name)).toEqual([
        'create_issue',
        'github_create_issue',
        'list_repos',
      ])
    }
  })
})

describe('prompts', () => {
  const prompts = (backend: string, ...names: string[]): Contribution => ({
    backend,
    offer: { ...EMPTY, prompts: names.map((name) => ({ name })) },
  })
  const named = (contributions: readonly Contribution[], by: AggregationPolicy) =>
    Object.fromEntries(
      aggregate(contributions, by).catalog.prompts.map(({ name, origin }) => [name, origin.backend]),
    )

  test('are prefixed under prefix and manual', () => {
    expect(named([prompts('github', 'summary')], PREFIX)).toEqual({ github_summary: 'github' })
    expect(named([prompts('github', 'summary')], MANUAL)).toEqual({ github_summary: 'github' })
  })

  test('of listed backends stay bare under priority, and no loser is lost', () => {
    expect(named([prompts('a', 's'), prompts('b', 's', 't'), prompts('c', 's')], priority('b', 'a'))).toEqual(
      {
        s: 'b',
        t: 'b',
        a_s: 'a',
        c_s: 'c',
      },
    )
  })

  test('that compose to one name are both kept', () => {
    expect(named([prompts('a', 's'), prompts('b', 's')], policy({ type: 'prefix', format: 'x_' }))).toEqual({
      x_s: 'a',
      b_s: 'b',
    })
  })
})

describe('resources', () => {
  const from = (backend: string): Contribution => ({
    backend,
    offer: {
      ...EMPTY,
      resources: [{ uri: 'data://x', name: 'x', size: 3, annotations: { priority: 1 } }],
      templates: [{ uriTemplate: 'data://{id}', name: 'id' }],
    },
  })

  test('keep their URI, and of two with one the first backend by name has it', () => {
    const { catalog } = aggregate([from('jira'), from('github')], PREFIX)
    const definition = { uri: 'data://x', name: 'x', size: 3, annotations: { priority: 1 } }
    expect(catalog.resources).toEqual([
      {
        kind: 'resource',
        uri: 'data://x',
        origin: { backend: 'github', name: 'data://x' },
        definition,
        hidden: false,
      },
    ])
    expect(catalog.templates).toMatchObject([{ uriTemplate: 'data://{id}', origin: { backend: 'github' } }])
    expect(catalog.dropped).toMatchObject([
      { kind: 'resource', origin: { backend: 'jira' } },
      { kind: 'template', origin: { backend: 'jira' } },
    ])
  })
})

describe('a backend that sends nonsense', () => {
  test('loses the nonsense, with a reason, and nothing else', () => {
    const nonsense = [
      null,
      1,
      'x',
      [],
      {},
      { name: 1 },
      { name: '' },
      tool('a'),
      tool('a'),
    ] as unknown as JsonObject[]
    const offer = { tools: nonsense, prompts: nonsense, resources: nonsense, templates: nonsense }
    const { catalog } = aggregate([{ backend: 'b', offer }], PREFIX)
    expect(catalog.tools.map(({ name }) => name)).toEqual(['b_a'])
    expect(catalog.dropped).toHaveLength(4 * nonsense.length - 2)
    expect(catalog.dropped.find(({ reason }) => reason.includes('entry 4'))?.reason).toBe(
      'entry 4 of the list has no name',
    )
  })

  test('does not make strict clients refuse the list of all', () => {
    const offer = {
      ...EMPTY,
      tools: [{ name: 'a' }],
      resources: [{ uri: 'x:y' }],
      templates: [{ uriTemplate: 'x:{y}' }],
    }
    const { catalog } = aggregate([{ backend: 'b', offer }], PREFIX)
    expect(catalog.tools[0]?.definition).toEqual({ name: 'b_a', inputSchema: { type: 'object' } })
    expect(catalog.resources[0]?.definition).toEqual({ uri: 'x:y', name: 'x:y' })
    expect(catalog.templates[0]?.definition).toEqual({ uriTemplate: 'x:{y}', name: 'x:{y}' })
  })
})
