import type { Log } from '../../core/log.ts'
import type { KeptRuns, RunKeeper, RunsConfig } from '../../core/runs.ts'
import { openKey } from '../key.ts'
import { FileEntries } from './file.ts'
import { Keeper } from './keeper.ts'
import { Vault } from './vault.ts'

/**
 * Opens the place where runs are kept.
 * @param options.server the name that servers have which share it
 * @throws GatewayError `config` where there is no key to be had
 */
export async function openRuns(
  { store, key, expireMs, max }: RunsConfig,
  { server, log }: { readonly server: string; readonly log: Log },
): Promise<RunKeeper & KeptRuns> {
  const vault = new Vault(await openKey(key), server)
  if (store.type === 'file')
    return new Keeper({ entries: new FileEntries(store.path), vault, expireMs, max, log })
  // What talks to Redis is loaded only where it is.
  const { RedisEntries } = await import('./redis.ts')
  return new Keeper({ entries: new RedisEntries(store, server, log), vault, expireMs, max, log })
}
