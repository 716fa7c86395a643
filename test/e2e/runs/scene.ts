import { join } from 'node:path'
import { expect } from 'vitest'
import { callText, eventually, toolNames } from '../../fixtures/ask.ts'
import { ModernClient, type Reply } from '../../fixtures/client.ts'
import { config } from '../../fixtures/config.ts'
import { type Json, STRING } from '../../fixtures/fixture.ts'
import { startRedis } from '../../fixtures/redis.ts'
import { ROOT } from '../../fixtures/root.ts'
import type { Child, Stage } from '../../fixtures/stage.ts'
import { params, tool } from '../composite.ts'
import { homeOf } from '../live/served.ts'

const schema = params({ env: { type: 'string', enum: ['staging', 'production'] } }, ['env'])

/** Plans, asks, deploys. How often it plans and deploys, `counted` tells. */
export const DEPLOY = (more: object = {}) =>
  tool(
    'deploy',
    [
      { id: 'plan', tool: 'plans.flaky', arguments: { n: 0 } },
      {
        id: 'confirm',
        type: 'elicitation',
        message: 'Deploy {{.params.what}}?',
        schema,
        dependsOn: ['plan'],
      },
      { id: 'deploy', tool: 'deploys.flaky', arguments: { n: 0 }, dependsOn: ['confirm'] },
      {
        id: 'tell',
        tool: 'echo.echo',
        arguments: {
          input:
            '{{.params.what}} to {{.steps.confirm.output.content.env}}: {{.steps.plan.output.text}}, {{.steps.deploy.output.text}}',
        },
        dependsOn: ['deploy'],
      },
    ],
    { parameters: params({ what: STRING }), ...more },
  )

export const DEPLOYED = 'v7 to staging: {"calls":1}, {"calls":1}'
export const CALLED = { name: 'deploy', arguments: { what: 'v7' } }
export const ACCEPT = { action: 'accept', content: { env: 'staging' } }

const TLS = join(ROOT, 'src/backends/testing/tls')

/** `rediss` is a Redis that speaks TLS, with an authority of its own. */
export type StoreType = 'file' | 'redis' | 'rediss'

/** Backends and a store that outlive the gateways in front of them. */
export interface Scene {
  readonly env: NodeJS.ProcessEnv
  /** Of a store of files. */
  readonly folder: string
  readonly workflowRuns: object
  /** What it serves, with more or something else. */
  config(more?: object): object
  /** The same in a file. */
  file(more?: object): Promise<string>
  /** Starts a gateway, with other composite tools where they are given. */
  serve(compositeTools?: readonly object[], more?: object): Promise<Child>
  /** How often it was planned and deployed. */
  counted(): Promise<[number, number]>
}

export async function sceneOf(stage: Stage, type: StoreType): Promise<Scene> {
  const backends = await Promise.all(
    (['plans', 'deploys', 'echo'] as const).map(async (name) => {
      const { ready: url } = await stage.hosted(name === 'echo' ? 'echo' : 'flaky', { era: 'both', id: name })
      return { name, url }
    }),
  )
  const env = await homeOf(stage)
  const folder = join(await stage.folder(), 'runs')
  const store = type === 'file' ? { type, path: folder } : await redisOf(stage, type)
  const workflowRuns = { store, keyFile: join(await stage.folder(), 'runs.key') }
  // A counter counts the questions after it too.
  const asked = { plans: 0, deploys: 0 }
  let url = ''
  const count = async (name: 'plans' | 'deploys') => {
    const { calls } = JSON.parse(await callText(url, `${name}_flaky`, { n: 0 })) as { calls: number }
    return calls - ++asked[name]
  }
  const served = (more: object = {}) =>
    config(backends, { compositeTools: [DEPLOY()], workflowRuns, ...more })
  return {
    env,
    folder,
    workflowRuns,
    config: served,
    file: (more) => stage.file('vmcp.yaml', served(more)),
    async serve(compositeTools = [DEPLOY()], more = {}) {
      const gateway = await stage.gateway({ config: served({ compositeTools, ...more }), env })
      url = gateway.ready
      await eventually(async () => expect(await toolNames(gateway.ready)).toContain('deploy'), 20_000)
      return gateway
    },
    counted: async () => [await count('plans'), await count('deploys')],
  }
}

async function redisOf(stage: Stage, type: 'redis' | 'rediss'): Promise<object> {
  const tls = { cert: join(TLS, 'leaf.pem'), key: join(TLS, 'leaf-key.pem') }
  const redis = await startRedis(type === 'rediss' ? { tls } : {})
  stage.defer(() => redis.stop())
  if (type === 'redis') return { type, address: redis.address }
  return { type: 'redis', address: `rediss://${redis.address}`, caCertPath: join(TLS, 'authority.pem') }
}

/** Ends a gateway as the kernel does that has no memory left. */
export function kill(gateway: Child): Promise<void> {
  return gateway.stop('SIGKILL')
}

export function modernClient(stage: Stage, gateway: Child): ModernClient {
  const client = new ModernClient(gateway.ready, { capabilities: { elicitation: {} } })
  stage.defer(() => client.close())
  return client
}

/** Calls the composite with one request, and is asked. @returns what the retry has to send besides the answer */
export async function askedBy(client: ModernClient): Promise<{ requestState: string; inputRequests: Json }> {
  const result = await client.result('tools/call', CALLED)
  expect(result).toMatchObject({
    resultType: 'input_required',
    requestState: expect.stringMatching(/^vmcp\.r\./),
    inputRequests: { 'step:confirm': { method: 'elicitation/create', params: { message: 'Deploy v7?' } } },
  })
  return result as never
}

export function retry(client: ModernClient, requestState: string, more: Json = {}): Promise<Reply> {
  const inputResponses = { 'step:confirm': ACCEPT }
  return client.request('tools/call', { ...CALLED, inputResponses, requestState, ...more })
}

export function textIn(result: Json | undefined): string | undefined {
  return (result?.['content'] as { text: string }[] | undefined)?.[0]?.text
}

/** What `tell` has echoed. */
export function told(result: Json | undefined): unknown {
  return (result?.['structuredContent'] as Json | undefined)?.['text']
}
