import type { Connection, ConnectOptions } from '../connection.ts'
import { LegacyConnection } from './connection.ts'
import { initialize } from './handshake.ts'

/** @throws GatewayError when the server cannot be reached, refuses, or speaks none of our versions */
export async function connect(options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  return new LegacyConnection(options, await initialize(options, signal))
}
