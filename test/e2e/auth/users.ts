import { LegacyClient, ModernClient, type Reply } from '../../fixtures/client.ts'
import { config } from '../../fixtures/config.ts'
import { AUDIENCE, Idp } from '../../fixtures/idp/idp.ts'
import { GuardedServer } from '../../fixtures/sdk/guarded.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'

export type Client = LegacyClient | ModernClient
export type Era = 'legacy' | 'modern'

export interface Scene {
  readonly guarded: GuardedServer
  readonly gateway: Child
  /** What the gateway serves, as it was written. */
  readonly written: object
}

export interface SceneOptions {
  readonly era: Era
  /** What the guarded backend shows to those who come without a token. */
  readonly open?: readonly string[] | undefined
  /** Of the configuration. */
  readonly more?: object
  readonly args?: readonly string[]
}

/** Users of one identity provider, and gateways that they come to. */
export class Users {
  readonly stage: Stage
  readonly idp: Idp
  readonly #echo: string

  private constructor(idp: Idp, stage: Stage, echo: string) {
    this.idp = idp
    this.stage = stage
    this.#echo = echo
  }

  static async open(): Promise<Users> {
    const stage = new Stage()
    const idp = await Idp.start()
    stage.defer(() => idp.close())
    return new Users(idp, stage, (await stage.hosted('echo', { era: 'legacy' })).ready)
  }

  /** A gateway over a backend for everybody, `echo`, and one that shows each user their own, `own`. */
  async scene({ era, open, more = {}, args = [] }: SceneOptions): Promise<Scene> {
    const { idp, stage } = this
    const guarded = await GuardedServer.start({ era, issuer: idp.issuer, ...(open && { open }) })
    stage.defer(() => guarded.close())
    const oidc = {
      issuer: idp.issuer,
      audience: AUDIENCE,
      resource: AUDIENCE,
      insecureAllowHttp: true,
      jwksAllowPrivateIp: true,
    }
    const backends = [
      { name: 'echo', url: this.#echo },
      { name: 'own', url: guarded.url },
    ]
    const written = config(backends, {
      incomingAuth: { type: 'oidc', oidc },
      outgoingAuth: { source: 'inline', backends: { own: { type: 'pass_through' } } },
      operational: { failureHandling: { partialFailureMode: 'best_effort' } },
      ...more,
    })
    const env = { IDP_SECRET: idp.client.clientSecret }
    return { guarded, written, gateway: await stage.gateway({ config: written, args, env }) }
  }

  async as(user: string, era: Era, { gateway }: Pick<Scene, 'gateway'>): Promise<Client> {
    const headers = { authorization: `Bearer ${await this.idp.token({ subject: user })}` }
    const client =
      era === 'legacy'
        ? await LegacyClient.open(gateway.ready, { headers })
        : new ModernClient(gateway.ready, { headers })
    this.stage.defer(() => client.close())
    return client
  }
}

export async function toolsOf(client: Client): Promise<string[]> {
  const { tools } = await client.result('tools/list')
  return (tools as { name: string }[]).map(({ name }) => name)
}

export async function textOf(client: Client, name: string, args: object = {}): Promise<string> {
  const { content } = await client.result('tools/call', { name, arguments: args })
  return String((content as { text: string }[])[0]?.text)
}

export async function messageOf(reply: Promise<Reply>): Promise<string> {
  const { message } = await reply
  return message.error?.message ?? JSON.stringify(message.result)
}
