import type { RawObject } from '../../../core/raw.ts'
import { Questions } from '../ask.ts'
import { type ConnectOptions, quietly } from '../connection.ts'
import { Flight } from '../flight.ts'
import type { Landing } from '../result.ts'
import { read } from '../rpc.ts'
import { encodeOwn, VERSION } from './request.ts'

/** Asks what the server is. Also the probe of the era. */
export function discover(options: ConnectOptions, signal: AbortSignal): Promise<Landing> {
  const { channel, site, peer, patron } = options
  const { name, log } = site
  const base = { name, log, channel, questions: new Questions(), timeoutMs: 0, cancel() {}, answer() {} }
  const request = encodeOwn('server/discover', {}, { id: channel.nextId(), peer, patron })
  return new Flight(base, quietly(signal)).send(request)
}

/** Exactly this version: some servers answer `server/discover` and mean an older one. */
export function speaksModern(result: RawObject): boolean {
  const versions = read(result, 'supportedVersions')
  return Array.isArray(versions) && versions.includes(VERSION)
}
