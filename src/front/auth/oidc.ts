import type { IncomingAuth } from './incoming.ts'

/** Holders of an access token. What verifies them is loaded where it is configured. */
export const oidc: IncomingAuth<'oidc'> = {
  type: 'oidc',
  async create(config, parts) {
    const { createOidc } = await import('./oidc/create.ts')
    return createOidc(config, parts)
  },
}
