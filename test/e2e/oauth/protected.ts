import type { Configuration } from 'oidc-provider'
import { config } from '../../fixtures/config.ts'
import { Idp } from '../../fixtures/idp/idp.ts'
import { freePort } from '../../fixtures/ports.ts'
import type { Child, Stage } from '../../fixtures/stage.ts'

// The provider uses it where it is told of metadata by their address, and Node has it from 22 on.
URL.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null)

/** A provider that registers whoever comes. */
export const REGISTERING: Configuration = { features: { registration: { enabled: true } } }

export interface Protected {
  readonly idp: Idp
  /** Of the backend that wants a token. */
  readonly url: string
  readonly server: Child
}

/** An MCP server that wants tokens of a real provider: a gateway of ours in front of one that wants none. */
export async function protect(
  stage: Stage,
  more: { readonly idp?: Idp; readonly oidc?: object; readonly era?: 'legacy' | 'modern' | 'both' } = {},
): Promise<Protected> {
  const idp = more.idp ?? (await startIdp(stage))
  const echo = await stage.hosted('echo', { era: more.era ?? 'both' })
  const url = `http://127.0.0.1:${await freePort()}/mcp`
  const oidc = {
    issuer: idp.issuer,
    audience: url,
    resource: url,
    scopes: ['mcp'],
    insecureAllowHttp: true,
    jwksAllowPrivateIp: true,
    ...more.oidc,
  }
  const served = config([{ name: 'inner', url: echo.ready }], { incomingAuth: { type: 'oidc', oidc } })
  const env = { INTROSPECTION_SECRET: idp.client.clientSecret }
  const server = await stage.gateway({ config: served, args: ['--port', new URL(url).port], env })
  return { idp, url, server }
}

export async function startIdp(stage: Stage, more: Configuration = REGISTERING): Promise<Idp> {
  const idp = await Idp.start(more)
  stage.defer(() => idp.close())
  return idp
}

/** A folder of its own for what is kept, as the environment of a process. */
export async function freshState(stage: Stage): Promise<{ XDG_STATE_HOME: string; XDG_RUNTIME_DIR: string }> {
  return { XDG_STATE_HOME: await stage.folder(), XDG_RUNTIME_DIR: await stage.folder() }
}

/** Of a gateway with one backend that is logged in to. */
export function withLogin(url: string, oauth: object = {}, backend: object = {}): object {
  return config([{ name: 'remote', url, ...backend }], {
    outgoingAuth: { source: 'inline', backends: { remote: { type: 'oauth', oauth } } },
  })
}
