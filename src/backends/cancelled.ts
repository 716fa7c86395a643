import { GatewayError } from '../core/errors.ts'

/** What ends a wait. */
export interface Bounds {
  readonly signal: AbortSignal
  /** In milliseconds from now. */
  readonly ms: number
  readonly late: () => GatewayError
}

/** Waits for what others wait for too, until the signal fires. @throws GatewayError `cancelled` */
export function orCancelled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return race(promise, signal, () => {})
}

/** The same, until the time is over. @throws GatewayError `cancelled`, or what `late` makes */
export async function inTime<T>(promise: Promise<T>, { signal, ms, late }: Bounds): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await race(promise, signal, (reject) => {
      timer = setTimeout(() => reject(late()), Math.max(0, ms))
    })
  } finally {
    clearTimeout(timer)
  }
}

/** Does what can be stopped, until the time is over. @throws what it throws, or what `late` makes */
export async function stopped<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { signal, ms, late }: Bounds,
): Promise<T> {
  const deadline = AbortSignal.timeout(Math.max(0, Math.ceil(ms)))
  try {
    return await work(AbortSignal.any([signal, deadline]))
  } catch (error) {
    throw deadline.aborted && !signal.aborted ? late() : error
  }
}

async function race<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  begin: (reject: (error: GatewayError) => void) => void,
): Promise<T> {
  let stop: () => void = () => {}
  const over = new Promise<never>((_, reject) => {
    stop = () => reject(new GatewayError('cancelled', 'the call was cancelled'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
    begin(reject)
  })
  try {
    return await Promise.race([promise, over])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
