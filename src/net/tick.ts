import { executionAsyncResource } from 'node:async_hooks'

/** One is enough, of any tick. */
const kept: object[] = []

/**
 * Keeps the record that Node has of one tick for good. A full collection that finds no such record alive drops their
 * shape, and where that has happened a few times `process.nextTick`, which a call comes by some fifteen times, is five
 * times as dear until the process ends (Node 20 and 22).
 * @returns the record, once there is one
 */
export function keepTickShape(): Promise<object> {
  return new Promise((resolve) => {
    process.nextTick(() => {
      kept[0] = executionAsyncResource()
      resolve(kept[0])
    })
  })
}
