import { describe, expect, it } from 'vitest'
import { Bulkhead, type Waiter } from './bulkhead.ts'

describe('a bulkhead', () => {
  it('gives so many places, and hands each on in the order of the queue', async () => {
    const bulkhead = new Bulkhead({ concurrent: 1, queued: 2 })
    const served: string[] = []
    expect(bulkhead.enter()).toBe(true)
    expect(bulkhead.enter()).toBe(false)
    for (const name of ['a', 'b']) void (bulkhead.queue() as Waiter).place.then(() => served.push(name))
    expect(bulkhead.queue()).toBeUndefined()
    bulkhead.leave()
    await Promise.resolve()
    expect(served).toEqual(['a'])
    expect([bulkhead.running, bulkhead.queued]).toEqual([1, 1])
    bulkhead.leave()
    bulkhead.leave()
    expect([bulkhead.running, bulkhead.queued]).toEqual([0, 0])
  })

  it('lets those go who wait no longer, and says when they have the place already', async () => {
    const bulkhead = new Bulkhead({ concurrent: 1, queued: 2 })
    bulkhead.enter()
    const [first, second] = [bulkhead.queue() as Waiter, bulkhead.queue() as Waiter]
    expect(first.quit()).toBe(true)
    bulkhead.leave()
    await second.place
    expect(second.quit()).toBe(false)
    expect(bulkhead.running).toBe(1)
  })
})
