import type { HttpBackendConfig } from '../../../core/config.ts'
import type { OAuthConfig } from '../../../core/oauth-config.ts'
import { Fetcher } from '../../../net/fetcher.ts'
import { said } from './complaint.ts'
import { judgeFor } from './reach.ts'
import type { Login } from './record.ts'
import { Vault } from './vault.ts'

export interface Logout {
  /** Whether there was anything. */
  readonly existed: boolean
  /** Why the tokens may be good still; absent where they were revoked, or there were none. */
  readonly notRevoked?: string
}

/** Has the tokens revoked, if that can be, and forgets them in any case. */
export async function logOut(backend: HttpBackendConfig, config: OAuthConfig): Promise<Logout> {
  const url = new URL(backend.url)
  const vault = new Vault(backend.name, url, config)
  if ((await vault.version()) === undefined) return { existed: false }
  let existed = true
  let notRevoked: string | undefined
  try {
    await vault.update(async ({ login }) => {
      existed = login !== undefined
      if (login !== undefined) notRevoked = await revokeAt(login, backend, config)
      return {}
    })
  } catch (error) {
    notRevoked = said(error)
  }
  await vault.remove()
  return { existed, ...(notRevoked !== undefined && { notRevoked }) }
}

async function revokeAt(
  login: Login,
  { url, caBundlePath }: HttpBackendConfig,
  config: OAuthConfig,
): Promise<string | undefined> {
  const judge = await judgeFor(new URL(url), config.allowPrivateIp)
  const fetcher = new Fetcher({ allowPrivateIp: false, allowHttp: false, judge, caBundlePath })
  try {
    const { revoke } = await import('./protocol.ts')
    return await revoke(login, config.client?.secret, fetcher)
  } catch (error) {
    const { tokens, client } = login
    return said(error, [tokens.access, tokens.refresh, client.secret, config.client?.secret])
  } finally {
    await fetcher.close()
  }
}
