import { z } from 'zod'
import { count } from './scalars.ts'

/** What a backend is given to do at a time. */
export const bulkhead = z
  .strictObject({
    maxConcurrent: count('Calls to a backend at the same time.', 1).default(1_000),
    maxQueued: count('Calls that wait for a place; beyond them calls are refused at once.', 0).default(
      10_000,
    ),
  })
  .describe('The bound on the calls to each backend.')

export type BulkheadInput = z.output<typeof bulkhead>
