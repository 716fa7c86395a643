import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JsonObject } from '../../core/catalog.ts'
import type { CompositeStep } from '../../core/composite.ts'
import { silent } from '../../core/log.ts'
import { RawObject } from '../../core/raw.ts'
import { FileEntries } from '../../stores/runs/file.ts'
import { Keeper } from '../../stores/runs/keeper.ts'
import { Vault } from '../../stores/runs/vault.ts'
import { composition } from './index.ts'
import { CALLER, composite, step, TestExchange, TestGateway, testTool } from './testing.ts'

const key = randomBytes(32)
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmcp-random-runs-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Node {
  readonly id: string
  readonly asks: boolean
  readonly dependsOn: readonly string[]
  /** Servers that die while they wait for the answer, one after the other. */
  readonly deaths: number
}

/** Each step depends on some of those before it. */
const graph: fc.Arbitrary<readonly Node[]> = fc
  .array(fc.record({ asks: fc.boolean(), before: fc.nat(), deaths: fc.nat({ max: 2 }) }), {
    minLength: 2,
    maxLength: 7,
  })
  .map((drafts) =>
    drafts.map(({ asks, before, deaths }, at) => {
      const dependsOn = drafts
        .slice(0, at)
        .flatMap((_, other) => (before & (1 << other) ? [`s${other}`] : []))
      return { id: `s${at}`, asks, dependsOn, deaths: asks ? deaths : 0 }
    }),
  )

function stepOf({ id, asks, dependsOn }: Node): CompositeStep {
  const schema = { type: 'object', properties: { by: { type: 'string' } } }
  if (asks) return { type: 'elicitation', id, message: `${id}?`, schema, dependsOn } as CompositeStep
  const saw = dependsOn.map((other) => `{{json .steps.${other}.output}}`)
  return step(id, 'a_x', { dependsOn, arguments: { id, saw } })
}

const output = (nodes: readonly Node[]) => ({
  properties: Object.fromEntries(
    nodes.map(({ id }) => [id, { type: 'object' as const, value: `{{json .steps.${id}.output}}` }]),
  ),
})

interface Scene {
  readonly nodes: readonly Node[]
  /** Of its runs. */
  readonly place: string
  readonly calls: string[]
}

/** A server of its own over the same store. Questions are answered where `answers` says so, and else never. */
function serve({ nodes, place, calls }: Scene, answers: (step: string) => boolean) {
  const keeper = new Keeper({
    ...{
      entries: new FileEntries(join(folder, place)),
      vault: new Vault(key, 's'),
      expireMs: 60_000,
      max: 1_000,
      log: silent,
    },
  })
  const tool = testTool('a.x', (args) => {
    calls.push(String(args['id']))
    return { structuredContent: args }
  })
  const steps = nodes.map(stepOf)
  const gateway = composition([composite('m', steps, { output: output(nodes) })], {
    log: silent,
    keeper: () => keeper,
  })(new TestGateway(tool))
  let id: string | undefined
  const exchange = new TestExchange((ask) => {
    id = ask.run
    const of = String(ask.key).slice('step:'.length)
    return answers(of) ? { action: 'accept', content: { by: of } } : new Promise(() => {})
  })
  return {
    keeper,
    get run() {
      return id
    },
    async call(resume?: string): Promise<JsonObject> {
      const meta = resume === undefined ? {} : { _meta: { 'dev.vmcp/resume': resume } }
      const params = RawObject.of({ name: 'm', arguments: {}, ...meta })
      const resolved = await gateway.resolve(CALLER, { kind: 'tool', name: 'm', params }, exchange.signal)
      return (await resolved.run(exchange)).body.parse()
    },
  }
}

/** Those that wait for none of these, themselves or by others. */
function free(nodes: readonly Node[], stuck: ReadonlySet<string>): string[] {
  const bound = new Set(stuck)
  for (const { id, dependsOn } of nodes) if (dependsOn.some((other) => bound.has(other))) bound.add(id)
  return nodes.map(({ id }) => id).filter((id) => !bound.has(id))
}

async function runWithDeaths(scene: Scene): Promise<JsonObject> {
  const { nodes } = scene
  const deaths = new Map(nodes.map((node) => [node.id, node.deaths]))
  let resume: string | undefined
  for (;;) {
    const stuck = new Set([...deaths].flatMap(([id, left]) => (left > 0 ? [id] : [])))
    const server = serve(scene, (id) => !stuck.has(id))
    const ended = server.call(resume)
    if (stuck.size === 0) return ended.finally(() => server.keeper.close())
    const done = free(nodes, stuck)
    const asked = [...stuck].filter((id) =>
      free(nodes, new Set([...stuck].filter((it) => it !== id))).includes(id),
    )
    // It dies when everything is done that can be without the answers, and each question is put.
    await expect
      .poll(
        async () => {
          const kept = server.run === undefined ? undefined : await server.keeper.open(server.run)
          return {
            done: Object.keys(kept?.ended ?? {}).sort(),
            asked: kept?.waiting.map(({ step: of }) => of).sort(),
          }
        },
        { interval: 2, timeout: 3_000 },
      )
      .toEqual({ done: done.sort(), asked: asked.sort() })
    await server.keeper.close()
    for (const id of asked) deaths.set(id, (deaths.get(id) ?? 1) - 1)
    resume = server.run
  }
}

test('a run comes to the same end however often its servers die while it waits, and does nothing twice', async () => {
  await fc.assert(
    fc.asyncProperty(graph, async (nodes) => {
      const [calls, undisturbed]: [string[], string[]] = [[], []]
      const place = randomBytes(6).toString('hex')
      const { keeper, call } = serve({ nodes, place, calls: undisturbed }, () => true)
      const expected = await call()
      await keeper.close()
      const result = await runWithDeaths({ nodes, place, calls })
      expect(result['structuredContent']).toEqual(expected['structuredContent'])
      expect(result['isError']).toBeUndefined()
      expect([...calls].sort()).toEqual([...undisturbed].sort())
      expect(new Set(calls).size).toBe(calls.length)
    }),
    { numRuns: 15 },
  )
}, 120_000)
