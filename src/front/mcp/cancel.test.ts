import { describe, expect, it } from 'vitest'
import { Cancel } from './cancel.ts'

describe('a cancel', () => {
  it('fires its signal, whether that was made before the abort or after', () => {
    const reason = new Error('why')
    const [before, after] = [new Cancel(), new Cancel()]
    const early = before.signal
    before.abort(reason)
    after.abort(reason)
    for (const signal of [early, after.signal])
      expect([signal.aborted, signal.reason]).toEqual([true, reason])
  })

  it('calls every listener once, also one that comes late, and none that was taken away', () => {
    const heard: string[] = []
    const cancel = new Cancel()
    cancel.onAbort(() => heard.push('early'))
    cancel.onAbort(() => heard.push('gone'))()
    cancel.abort()
    cancel.abort()
    cancel.onAbort(() => heard.push('late'))
    expect(heard).toEqual(['early', 'late'])
  })
})
