import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { echo, memoryGateway, type Served, serve } from '../../testing.ts'

let served: Served

beforeEach(async () => {
  served = await serve(memoryGateway())
  served.gateway.tool('echo', echo)
})

afterEach(() => served.close())

async function refusal(reply: Response): Promise<[status: number, code: number | undefined]> {
  const { error } = (await reply.json()) as { error?: { code: number } }
  return [reply.status, error?.code]
}

describe('headers', () => {
  it.each([
    ['no version', { 'mcp-protocol-version': '' }],
    ['another version', { 'mcp-protocol-version': '2025-11-25' }],
    ['no method', { 'mcp-method': '' }],
    ['another method', { 'mcp-method': 'tools/list' }],
    ['a method in other case', { 'mcp-method': 'Tools/Call' }],
    ['no name', { 'mcp-name': '' }],
    ['another name', { 'mcp-name': 'other' }],
    ['a name that is not base64', { 'mcp-name': '=?base64?%%?=' }],
    ['a name that is not UTF-8 inside', { 'mcp-name': '=?base64?/w==?=' }],
  ])('%s is a mismatch', async (_, headers) => {
    const reply = await served.modern('tools/call', { name: 'echo' }, { headers })
    expect(await refusal(reply)).toEqual([400, -32020])
  })

  it('may be padded, and encoded in base64', async () => {
    const headers = {
      'mcp-name': `  =?base64?${Buffer.from('echo').toString('base64')}?= `,
      'mcp-method': ' tools/call ',
    }
    const reply = await served.modern('tools/call', { name: 'echo' }, { headers })
    expect(reply.status).toBe(200)
  })

  it('of a name beyond ASCII are decoded', async () => {
    served.gateway.tool('größe', echo)
    const headers = { 'mcp-name': `=?base64?${Buffer.from('größe').toString('base64')}?=` }
    expect((await served.modern('tools/call', { name: 'größe' }, { headers })).status).toBe(200)
  })

  it('that repeat arguments must say the same', async () => {
    const inputSchema = {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        size: { type: 'object', properties: { count: { type: 'integer', 'x-mcp-header': 'Count' } } },
        plain: { type: 'string' },
      },
    }
    served.gateway.tool('annotated', echo, { inputSchema })
    const call = async (args: object, headers: Record<string, string>) => {
      const reply = await served.modern('tools/call', { name: 'annotated', arguments: args }, { headers })
      const [status, code] = await refusal(reply)
      return code ?? status
    }
    const args = { region: 'eu', size: { count: 42 }, plain: 'x' }
    expect(await call(args, { 'Mcp-Param-Region': 'eu', 'mcp-param-count': '42.0' })).toBe(200)
    expect(await call(args, { 'mcp-param-region': 'EU', 'mcp-param-count': '42' })).toBe(-32020)
    expect(await call(args, { 'mcp-param-region': 'eu', 'mcp-param-count': '41' })).toBe(-32020)
    expect(await call(args, { 'mcp-param-region': 'eu' })).toBe(-32020)
    expect(await call({ region: null }, {})).toBe(200)
    expect(await call({}, { 'mcp-param-region': 'eu' })).toBe(-32020)
    expect(await call({}, { 'mcp-param-unknown': 'eu' })).toBe(200)
  })

  it('of parameters go on with the call, known or not', async () => {
    const seen: unknown[] = []
    served.gateway.tool('seen', async (exchange, call, caller) => {
      seen.push(call.kind === 'tool' && call.paramHeaders)
      return echo(exchange, call, caller)
    })
    await served.modern('tools/call', { name: 'seen' }, { headers: { 'Mcp-Param-New': 'x', 'x-other': 'y' } })
    await served.modern('tools/call', { name: 'seen' })
    expect(seen).toEqual([{ 'mcp-param-new': 'x' }, undefined])
  })
})
