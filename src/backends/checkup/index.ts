import type { BackendConfig } from '../../core/config.ts'
import type { Finding } from './finding.ts'
import { checkHttp } from './http.ts'
import { checkStdio } from './stdio.ts'

export type { Finding } from './finding.ts'

/** Finds out why a backend cannot be connected; `undefined` where it answers as it should. Never rejects. */
export async function checkUp(config: BackendConfig, waitMs: number): Promise<Finding | undefined> {
  return config.transport === 'stdio' ? checkStdio(config, waitMs) : checkHttp(config, waitMs)
}
