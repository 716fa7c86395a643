import { expect, it } from 'vitest'
import { LightController, onAbort, realSignal } from './abort.ts'

it('a light signal is heard once, in order, by those who still listen', () => {
  const control = new LightController()
  const heard: string[] = []
  const forgotten = onAbort(control.signal, () => heard.push('never'))
  onAbort(control.signal, () => {
    heard.push('first')
    late()
  })
  const late = onAbort(control.signal, () => heard.push('taken away by the first'))
  onAbort(control.signal, () => heard.push('last'))
  forgotten()
  control.abort('why')
  control.abort('again')
  expect(heard).toEqual(['first', 'last'])
  expect(control.signal).toMatchObject({ aborted: true, reason: 'why' })
  onAbort(control.signal, () => heard.push('at once'))
  expect(heard.at(-1)).toBe('at once')
})

it('a light signal is a real one for those who want that, before and after', () => {
  const control = new LightController()
  const before = realSignal(control.signal)
  expect(realSignal(control.signal)).toBe(before)
  control.abort('why')
  expect(before).toMatchObject({ aborted: true, reason: 'why' })
  const ended = new LightController()
  ended.abort('why')
  expect(realSignal(ended.signal)).toMatchObject({ aborted: true, reason: 'why' })
  const own = new AbortController().signal
  expect(realSignal(own)).toBe(own)
})
