import type { IncomingMessage, ServerResponse } from 'node:http'
import { BearerPrincipal } from '../../core/bearer.ts'
import type { Caller } from '../../core/caller.ts'
import { handMade, type JsonRpc, legacyBasics, modernCaller, sendJson } from '../testing.ts'

/** A caller with a token. */
export function user(subject: string, over: Partial<Caller> = {}, token = subject): Caller {
  const claims = { sub: subject }
  const facts = {
    token,
    issuer: 'https://i.example',
    subject,
    name: subject,
    claims,
    scopes: new Set<string>(),
  }
  return modernCaller({ principal: new BearerPrincipal(facts), ...over })
}

/**
 * A legacy server for users whose token is their name, or begins with it and a dash. Everybody has the tools that are
 * set for them, or else `common`; calls are answered with the token, and the session.
 */
export class UsersServer {
  /** The sessions that are open, and whose. */
  readonly sessions = new Map<string, string>()
  readonly tools = new Map<string, readonly string[]>()
  readonly refused = new Set<string>()
  /** Who has asked for a list. */
  readonly listed: string[] = []
  /** Tokens that ended a session. */
  readonly ended: string[] = []
  /** Requests in the session of another. */
  readonly mixed: string[] = []
  /** Streams that are open, and whose. */
  readonly streams = new Map<ServerResponse, string>()
  /** It takes connections and says nothing. */
  isDown = false
  #last = 0

  readonly listener = handMade((message, req, res) => {
    if (this.isDown) {
      req.socket.destroy()
      return undefined
    }
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1]
    const name = token?.split('-')[0]
    if (token === undefined || name === undefined || this.refused.has(token)) {
      res.writeHead(401).end()
      return undefined
    }
    return this.#answer(message, { token, name, req, res })
  })

  /** Tells the sessions of a user that their tools have changed. */
  announce(user: string): void {
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    for (const [stream, owner] of this.streams) if (owner === user) stream.write(`data: ${body}\n\n`)
  }

  #answer(message: JsonRpc, { token, name, req, res }: From): unknown {
    const session = req.headers['mcp-session-id']
    const owner = this.sessions.get(String(session))
    if (owner !== undefined && owner !== name) this.mixed.push(`${name} in a session of ${owner}`)
    switch (message.method) {
      case 'initialize':
        this.sessions.set(`s${++this.#last}`, name)
        res.setHeader('mcp-session-id', `s${this.#last}`)
        return {
          result: {
            protocolVersion: '2025-11-25',
            capabilities: { tools: { listChanged: true } },
            serverInfo: { name: 'users', version: '1' },
          },
        }
      case 'HTTP GET':
        res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
        this.streams.set(res, name)
        res.on('close', () => this.streams.delete(res))
        return undefined
      case 'HTTP DELETE':
        this.sessions.delete(String(session))
        this.ended.push(token)
        res.writeHead(200).end()
        return undefined
      case 'tools/list': {
        this.listed.push(name)
        const names = this.tools.get(name) ?? ['common']
        return { result: { tools: names.map((it) => ({ name: it, inputSchema: { type: 'object' } })) } }
      }
      case 'tools/call':
        return { result: { content: [{ type: 'text', text: `${token} in ${session}` }] } }
      case 'server/discover':
        sendJson(res, { jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'no' } })
        return undefined
      default:
        return legacyBasics(message, res)
    }
  }
}

interface From {
  readonly token: string
  readonly name: string
  readonly req: IncomingMessage
  readonly res: ServerResponse
}
