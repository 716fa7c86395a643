import type { IncomingMessage } from 'node:http'
import { ANONYMOUS, type Principal } from '../../core/caller.ts'
import type { Authenticate } from '../auth/index.ts'
import type { FrontOptions } from '../options.ts'

type Doorkeeping = Pick<FrontOptions, 'authenticate'>

/**
 * Who sends a request, in the eyes of those who say it now: one who took their place while it was being found out is
 * asked again.
 * @throws GatewayError `unauthenticated`; `unavailable` where it cannot be told now
 */
export function identify(options: Doorkeeping, req: IncomingMessage): Principal | Promise<Principal> {
  const { authenticate } = options
  if (authenticate === undefined) return ANONYMOUS
  const found = authenticate(req)
  return found instanceof Promise ? confirmed(found, { options, req, authenticate }) : found
}

interface Asked {
  readonly options: Doorkeeping
  readonly req: IncomingMessage
  readonly authenticate: Authenticate
}

async function confirmed(
  finding: Promise<Principal>,
  { options, req, authenticate }: Asked,
): Promise<Principal> {
  try {
    const found = await finding
    if (options.authenticate === authenticate) return found
  } catch (error) {
    if (options.authenticate === authenticate) throw error
  }
  return identify(options, req)
}
