import { expect, it } from 'vitest'
import { Gate } from './gate.ts'

it('lets so many in at a time, the others in turn', async () => {
  const gate = new Gate({ places: 2, holdMs: 10_000 })
  let inside = 0
  let most = 0
  const order: number[] = []
  const work = async (i: number) => {
    order.push(i)
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setTimeout(resolve, 5))
    inside--
  }
  await Promise.all([0, 1, 2, 3, 4].map((i) => gate.pass(() => work(i))))
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4])
})

it('does not let one that hangs keep the others waiting', async () => {
  const gate = new Gate({ places: 1, holdMs: 20 })
  let end: () => void = () => {}
  const hanging = gate.pass(() => new Promise<void>((resolve) => (end = resolve)))
  await expect(gate.pass(async () => 'in')).resolves.toBe('in')
  end()
  await hanging
  await expect(gate.pass(async () => 'still')).resolves.toBe('still')
})

it('passes errors on and gives the place back', async () => {
  const gate = new Gate({ places: 1, holdMs: 10_000 })
  await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(gate.pass(async () => 'in')).resolves.toBe('in')
})
