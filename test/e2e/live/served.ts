import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { expect } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { LegacyClient, ModernClient, type RpcMessage } from '../../fixtures/client.ts'
import type { Child, Stage } from '../../fixtures/stage.ts'

export interface ServedStatus {
  readonly healthy: boolean
  readonly backends: readonly { readonly name: string; readonly [key: string]: unknown }[]
  readonly configuration: {
    readonly generation: number
    readonly refused?: { readonly message: string; readonly at: string; readonly details?: string[] }
  }
}

/** A configuration that is served, and can be edited. */
export interface Served {
  readonly gateway: Child
  readonly url: string
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  /** Puts another file in its place, as most editors do. */
  edit(content: object | string): Promise<void>
  /** As everybody sees it. */
  status(): Promise<ServedStatus>
  /** Why the last configuration was refused, as the one who runs the server sees it. */
  refusal(): Promise<string>
  cli(...args: string[]): ReturnType<typeof runCli>
}

/** A home of its own, so that nothing else that runs on this machine is found. */
export async function homeOf(stage: Stage): Promise<NodeJS.ProcessEnv> {
  const home = await stage.folder()
  return {
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_RUNTIME_DIR: join(home, 'run'),
  }
}

export async function serveFile(
  stage: Stage,
  content: object,
  { args = [], flag = '--config' }: { args?: readonly string[]; flag?: '--config' | '--from' } = {},
): Promise<Served> {
  const file = await stage.file(flag === '--config' ? 'vmcp.yaml' : 'mcp.json', content)
  const env = await homeOf(stage)
  const gateway = await stage.gateway({ args: [flag, file, ...args], env })
  return {
    gateway,
    url: gateway.ready,
    file,
    env,
    edit: (next) => replaceFile(file, next),
    status: () => statusOf(gateway.ready),
    async refusal() {
      const { token } = await controlOf(env)
      const { configuration } = await statusOf(gateway.ready, { authorization: `Bearer ${token}` })
      return configuration.refused?.details?.join('\n') ?? ''
    },
    cli: (...words) => runCli(words, env),
  }
}

export async function replaceFile(file: string, content: object | string): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

/** How the only server of this home is spoken with. */
export async function controlOf(env: NodeJS.ProcessEnv): Promise<{ control: string; token: string }> {
  const folder = join(String(env['XDG_RUNTIME_DIR']), 'vmcp')
  const [file = 'none'] = await readdir(folder)
  return JSON.parse(await readFile(join(folder, file), 'utf8')) as { control: string; token: string }
}

export async function statusOf(
  endpoint: string,
  headers: Record<string, string> = {},
): Promise<ServedStatus> {
  const { body } = await request(new URL('/status', endpoint), { headers })
  return (await body.json()) as ServedStatus
}

/** A client that hears of changes, of either era. */
export interface Listener {
  /** Since it began to serve what it was to serve. */
  readonly heard: () => readonly string[]
  request(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>
  tools(): Promise<string[]>
  /** Waits until these are the tools; what was heard until then is forgotten. */
  settled(tools: readonly string[]): Promise<void>
}

export async function legacyListener(stage: Stage, url: string): Promise<Listener> {
  const client = await LegacyClient.open(url)
  stage.defer(() => client.close())
  await client.listen()
  return listener(
    (method, params) => client.result(method, { ...params }),
    () => client.notifications,
  )
}

export async function modernListener(stage: Stage, url: string): Promise<Listener> {
  const client = new ModernClient(url)
  stage.defer(() => client.close())
  const heard: RpcMessage[] = []
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true }
  const params = { notifications, _meta: client.meta() }
  const message = { jsonrpc: '2.0', id: 'listen', method: 'subscriptions/listen', params }
  await client.raw.subscribe(message, (it) => heard.push(it))
  return listener(
    (method, it) => client.result(method, { ...it }),
    () => heard,
  )
}

function listener(
  send: (method: string, params: object) => Promise<Readonly<Record<string, unknown>>>,
  messages: () => readonly RpcMessage[],
): Listener {
  const heard = () => messages().flatMap(({ method }) => (method?.endsWith('list_changed') ? [method] : []))
  let before = 0
  return {
    heard: () => heard().slice(before),
    async settled(tools) {
      await eventually(async () => expect(await this.tools()).toEqual(tools))
      // What the stream has still to bring is of before.
      await new Promise((resolve) => setTimeout(resolve, 300))
      before = heard().length
    },
    request: (method, params = {}) => send(method, params),
    async tools() {
      const { tools } = (await send('tools/list', {})) as { tools: { name: string }[] }
      return tools.map(({ name }) => name)
    },
  }
}
