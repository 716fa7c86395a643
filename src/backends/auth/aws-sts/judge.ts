import { isLoopback, isThisMachine } from '../../../core/address.ts'
import type { Judge } from '../../../net/fetcher.ts'

/**
 * The address comes from the configuration alone. It may be private, since that is what AWS's own service has inside of
 * a network of its customers (PrivateLink); plain HTTP stays on this machine.
 */
export const STS_JUDGE: Judge = {
  url: ({ protocol, hostname }) =>
    protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname))
      ? undefined
      : 'only https is allowed, and http to this machine',
  address: (address, host) =>
    isThisMachine(host) && !isLoopback(address) ? `${host} does not resolve to this machine` : undefined,
}
