import type { Backends } from '../core/ports.ts'

/** Waits until no backend is connecting any more, at most `timeoutMs`, or until the signal fires. */
export async function settled(backends: Backends, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const stop = new AbortController()
  const until = AbortSignal.any([deadline, stop.signal, ...(signal === undefined ? [] : [signal])])
  const changes = backends.watch(until)
  if (allSettled(backends)) stop.abort()
  for await (const _ of changes) {
    if (allSettled(backends)) stop.abort()
  }
}

function allSettled({ all }: Backends): boolean {
  return all.every(({ state }) => state.status !== 'connecting')
}
