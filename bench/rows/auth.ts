import { config } from '../../test/fixtures/config.ts'
import { AUDIENCE, Idp } from '../../test/fixtures/idp/idp.ts'
import { type Bench, difference, type Figure, type Kind, type Row, under } from '../bench.ts'
import { echoParams, modernShot, type Shot } from '../load.ts'

const COUNT = 3000
const TOKENS = 4
/** Of a call, in microseconds. */
const LIMIT = 10

/** What it costs to know a caller by a token that was verified before. */
export const auth: Row = {
  name: 'auth',
  async run(bench: Bench): Promise<Figure[]> {
    const { ready: url } = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const idp = await Idp.start()
    bench.defer(() => idp.close())
    const backends = [{ name: 'b', url }]
    const call = modernShot('tools/call', echoParams('b_echo'))
    const shots = await withTokens(call, idp)
    const guarded = config(backends, { incomingAuth: guardedBy(idp) })
    const rounds = await bench.compareClosely([
      {
        name: 'anonymous',
        start: async (set) => under({ shots: [call], count: COUNT }, await set.over(backends)),
      },
      {
        name: 'oidc',
        start: async (set) => under({ shots, count: COUNT }, await set.gateway({ config: guarded })),
      },
    ])
    return [
      difference('OIDC with a remembered token, beyond anonymous', rounds, {
        of: 'oidc',
        to: 'anonymous',
        limit: LIMIT,
      }),
    ]
  },
}

/** What it costs to send a token that the caller's own was exchanged for before. */
export const exchanged: Row = {
  name: 'exchanged',
  async run(bench: Bench): Promise<Figure[]> {
    const { ready: url } = await bench.server('wire:echo', { era: 'modern', id: 'b' })
    const idp = await Idp.start()
    bench.defer(() => idp.close())
    const start = (set: Bench, strategy: object) =>
      set.gateway({
        config: config([{ name: 'b', url }], {
          incomingAuth: guardedBy(idp),
          outgoingAuth: { source: 'inline', backends: { b: strategy } },
        }),
        env: { IDP_SECRET: idp.client.clientSecret },
      })
    const exchange = {
      type: 'token_exchange',
      tokenExchange: {
        tokenUrl: `${idp.issuer}/token`,
        clientId: idp.client.clientId,
        clientSecretEnv: 'IDP_SECRET',
        audience: url,
      },
    }
    const shots = await withTokens(modernShot('tools/call', echoParams('b_echo')), idp)
    const kind = (name: string, strategy: object): Kind => ({
      name,
      start: async (set) => under({ shots, count: COUNT }, await start(set, strategy)),
    })
    const rounds = await bench.compareClosely([
      kind('unauthenticated', { type: 'unauthenticated' }),
      kind('exchange', exchange),
    ])
    return [
      difference('token exchange with a warm cache, beyond unauthenticated', rounds, {
        of: 'exchange',
        to: 'unauthenticated',
        limit: LIMIT,
      }),
    ]
  },
}

function guardedBy({ issuer }: Idp): object {
  const oidc = { issuer, audience: AUDIENCE, resource: AUDIENCE, scopes: ['mcp'] }
  return { type: 'oidc', oidc: { ...oidc, insecureAllowHttp: true, jwksAllowPrivateIp: true } }
}

function withTokens(shot: Shot, idp: Idp): Promise<Shot[]> {
  return Promise.all(
    Array.from({ length: TOKENS }, async (_, at) => {
      const authorization = `Bearer ${await idp.token({ subject: `user-${at}` })}`
      return { ...shot, headers: { ...shot.headers, authorization } }
    }),
  )
}
