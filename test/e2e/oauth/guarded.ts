import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Stage } from '../../fixtures/stage.ts'
import { Recorder, say } from '../outgoing/recorder.ts'

/** How a backend says back the token that it was sent. */
const MANNERS = {
  refuses: (res: ServerResponse, header: string) => echo(res, 401, header),
  forbids: (res: ServerResponse, header: string) => echo(res, 403, header),
  /** Where it says that its metadata are, for the next login. */
  misleads: (res: ServerResponse, header: string) =>
    say(res, {}, 401, {
      'www-authenticate': `Bearer resource_metadata="http://127.0.0.1:1/${tokenIn(header)}"`,
    }),
  breaks: (res: ServerResponse, header: string) => echo(res, 500, header),
  babbles: (res: ServerResponse, header: string) =>
    void res.writeHead(200, { 'content-type': 'text/html' }).end(`<p>hello ${tokenIn(header)}`),
}

export const TROUBLES = ['redirects', ...(Object.keys(MANNERS) as (keyof typeof MANNERS)[])] as const

/** Backends that want a token of this provider, and are up to no good with it; `elsewhere` is where one sends it. */
export async function startTroubles(
  stage: Stage,
  issuer: string,
  elsewhere: Recorder,
): Promise<Map<string, Recorder>> {
  const made = new Map<string, Recorder>()
  for (const [name, manner] of Object.entries(MANNERS))
    made.set(
      name,
      await Recorder.start(stage, ({ headers }, res) => manner(res, headers.authorization ?? ''), issuer),
    )
  const redirect = ({ headers }: IncomingMessage, res: ServerResponse) =>
    void res
      .writeHead(307, { location: `${elsewhere.url}?token=${tokenIn(headers.authorization ?? '')}` })
      .end()
  return made.set('redirects', await Recorder.start(stage, redirect, issuer))
}

function echo(res: ServerResponse, status: number, header: string): void {
  const token = tokenIn(header)
  const error = { code: -32001, message: `not with ${header}` }
  const scope = `admin ${token.slice(0, 60)} ${token.slice(-60)}`
  const challenge = `Bearer error="insufficient_scope", error_description="${header}", scope="${scope}"`
  say(res, { jsonrpc: '2.0', id: 1, error }, status, { 'www-authenticate': challenge })
}

const tokenIn = (header: string) => header.slice('Bearer '.length)
