import { GatewayError } from '../../core/errors.ts'

const STALE_MS = 10_000
/** In all about 15 seconds: longer than the lock of a process that died stays. */
const RETRIES = { retries: 300, factor: 1.2, minTimeout: 5, maxTimeout: 50, randomize: true }

/**
 * Runs `work` while no other process works on the same file. `stillOurs` throws when the lock was lost in
 * the meantime (a machine that slept); it is to be called right before writing.
 */
export async function exclusively(
  path: string,
  work: (stillOurs: () => void) => Promise<void>,
): Promise<void> {
  const { lock } = await import('proper-lockfile')
  let lost: Error | undefined
  const release = await lock(path, {
    realpath: false,
    stale: STALE_MS,
    retries: RETRIES,
    onCompromised: (error) => {
      lost = error
    },
  }).catch((cause: unknown) => {
    throw new GatewayError('config', `${path} is locked by another process; try again`, { cause })
  })
  try {
    await work(() => {
      if (lost !== undefined)
        throw new GatewayError('config', `lost the lock of ${path}; nothing was written, try again`, {
          cause: lost,
        })
    })
  } finally {
    await release().catch(() => undefined)
  }
}
