import type { Backends } from '../core/ports.ts'

/** Waits until no backend is connecting any more, at most `timeoutMs`, or until the signal fires. */
export async function settled(
  backends: Pick<Backends, 'all' | 'watch'>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const done = new AbortController()
  const timer = setTimeout(() => done.abort(), timeoutMs)
  const until = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal])
  const changes = backends.watch(until)
  if (allSettled(backends)) done.abort()
  for await (const _ of changes) {
    if (allSettled(backends)) done.abort()
  }
  clearTimeout(timer)
}

function allSettled({ all }: Pick<Backends, 'all'>): boolean {
  return all.every(({ state }) => state.status !== 'connecting')
}
