import { describe, expect, it } from 'vitest'
import { RawObject } from '../../core/raw.ts'
import { Asks } from './asks.ts'
import { Cancel } from './cancel.ts'
import type { Outlet } from './outlet.ts'

const request = { method: 'roots/list', params: RawObject.empty } as const

function outletOf(sent: string[], streams = true): Outlet {
  return {
    streams,
    resumable: false,
    streamed: false,
    begin() {},
    send: (frame) => void sent.push(frame.join('')),
    reply() {},
    end() {},
  }
}

describe('a request to the client', () => {
  it('is given up when nobody answers, and the client is told', async () => {
    const sent: string[] = []
    const asking = new Asks().ask(request, { outlet: outletOf(sent), cancel: new Cancel(), timeoutMs: 10 })
    await expect(asking).rejects.toMatchObject({ code: 'timeout' })
    expect(sent[1]).toContain('"method":"notifications/cancelled","params":{"requestId":"vmcp-1"}')
  })

  it('ends with the call, and with the session', async () => {
    const asks = new Asks()
    const cancel = new Cancel()
    const one = asks.ask(request, { outlet: outletOf([]), cancel })
    const other = asks.ask(request, { outlet: outletOf([]), cancel: new Cancel() })
    cancel.abort()
    await expect(one).rejects.toMatchObject({ code: 'cancelled' })
    asks.rejectAll()
    await expect(other).rejects.toMatchObject({ code: 'cancelled' })
    await expect(asks.ask(request, { outlet: outletOf([]), cancel })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  it('is given up when the backend withdraws it, and the client is told', async () => {
    const sent: string[] = []
    const withdrawal = new AbortController()
    const asks = new Asks()
    const asked = { ...request, withdrawn: withdrawal.signal }
    const asking = asks.ask(asked, { outlet: outletOf(sent), cancel: new Cancel() })
    withdrawal.abort()
    await expect(asking).rejects.toMatchObject({ code: 'cancelled' })
    expect(sent[1]).toContain('"method":"notifications/cancelled","params":{"requestId":"vmcp-1"}')
    const late = asks.ask(asked, { outlet: outletOf(sent), cancel: new Cancel() })
    await expect(late).rejects.toMatchObject({ code: 'cancelled' })
    expect(sent).toHaveLength(2)
  })

  it('needs a stream to go out on', async () => {
    const asking = new Asks().ask(request, { outlet: outletOf([], false), cancel: new Cancel() })
    await expect(asking).rejects.toMatchObject({ code: 'capability_required' })
  })

  it('is refused when a hundred wait already', async () => {
    const asks = new Asks()
    const context = { outlet: outletOf([]), cancel: new Cancel() }
    const waiting = Promise.allSettled(Array.from({ length: 100 }, () => asks.ask(request, context)))
    await expect(asks.ask(request, context)).rejects.toMatchObject({ code: 'rate_limited' })
    asks.rejectAll()
    await waiting
  })
})
