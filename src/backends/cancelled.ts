import { GatewayError } from '../core/errors.ts'

/** Waits for what others wait for too, until the signal fires. @throws GatewayError `cancelled` */
export async function orCancelled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => {}
  const cancelled = new Promise<never>((_, reject) => {
    stop = () => reject(new GatewayError('cancelled', 'the call was cancelled'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([promise, cancelled])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
