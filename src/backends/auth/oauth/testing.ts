import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OAuthConfig } from '../../../core/oauth-config.ts'
import { httpConfig } from '../../testing.ts'
import { type LoginOptions, logIn } from './log-in.ts'
import type { Login } from './record.ts'

/** A backend with its authorization server, and an operator who may log in there. For tests. */
export interface Scene<Place> {
  readonly rogue: Place
  readonly folder: string
  readonly config: (more?: Partial<OAuthConfig>) => OAuthConfig
  /** @param comeBack what the browser does with the address; it comes back with a code where it is not said */
  readonly logIn: (more?: Partial<Omit<LoginOptions, 'show'>>, comeBack?: ComeBack) => Promise<Login>
  readonly close: () => Promise<void>
}

interface At {
  readonly url: string
  close(): Promise<void>
}

export type ComeBack = (url: URL, paste: (text: string) => string | undefined) => unknown

export async function openScene<Place extends At>(rogue: Place): Promise<Scene<Place>> {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-test-'))
  const config = (more: Partial<OAuthConfig> = {}): OAuthConfig => ({
    type: 'oauth',
    allowPrivateIp: false,
    store: { folder, key: { file: join(folder, 'key') } },
    ...more,
  })
  return {
    rogue,
    folder,
    config,
    logIn: (more = {}, comeBack = (url) => come(url, {})) =>
      logIn({
        backend: httpConfig(rogue.url, { name: 'b' }),
        config: config(),
        scopes: [],
        signal: AbortSignal.timeout(5_000),
        show: (url, paste) => void comeBack(url, paste),
        ...more,
      }),
    close: async () => {
      await rogue.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Comes back from the authorization server. `undefined` leaves a parameter out. @returns the status */
export async function come(url: URL, more: Readonly<Record<string, string | undefined>>): Promise<number> {
  const { state, redirect_uri: home } = Object.fromEntries(url.searchParams)
  const parameters = { code: 'c', state, iss: url.origin, ...more }
  const back = new URL(home ?? '')
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) back.searchParams.set(name, value)
  return (await fetch(back)).status
}
