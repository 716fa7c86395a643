import { executionAsyncResource } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { keepTickShape } from './tick.ts'

setFlagsFromString('--expose-gc')
setFlagsFromString('--allow-natives-syntax')
const collect = runInNewContext('gc') as () => void
const haveSameShape = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: object, b: object) => boolean

const aTick = () =>
  new Promise<object>((resolve) => process.nextTick(() => resolve(executionAsyncResource())))

test('ticks still have the shape of the one that is kept after full collections', async () => {
  const kept = await keepTickShape()
  expect(Object.keys(kept)).toEqual(['callback', 'args'])
  for (let i = 0; i < 5; i++) {
    await sleep(1)
    collect()
  }
  expect(haveSameShape(kept, await aTick())).toBe(true)
  expect(haveSameShape(kept, {})).toBe(false)
})
