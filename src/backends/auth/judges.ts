import { isLoopback, isThisMachine } from '../../core/address.ts'
import type { Judge } from '../../net/fetcher.ts'

/**
 * Of endpoints that the configuration names. Their addresses may be private, since it is the operator who wrote them
 * and many identity providers are; what is sent there must be sent over TLS, or stay on this machine.
 */
export const HTTPS_OR_HERE: Judge = {
  url({ protocol, hostname }) {
    const isFine = protocol === 'https:' || (protocol === 'http:' && isThisMachine(bare(hostname)))
    return isFine ? undefined : 'plain HTTP is only for this machine'
  },
  address(address, host) {
    return isThisMachine(host) && !isLoopback(address)
      ? `${host} does not resolve to this machine`
      : undefined
  },
}

/** The same where plain HTTP is allowed. */
export const EVERYWHERE: Judge = {
  url: ({ protocol }) => (/^https?:$/.test(protocol) ? undefined : 'it is neither http nor https'),
  address: () => undefined,
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}
