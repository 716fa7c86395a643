import { readFile } from 'node:fs/promises'
import { ANONYMOUS, localUser, type Principal } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import type { GatewayConfig } from '../core/config.ts'
import { usageError } from './exit.ts'
import { objectOf } from './options.ts'

/** Who a command acts for; without claims the one that all callers are. @throws UserError */
export async function principalOf(
  claims: string | undefined,
  { incomingAuth }: GatewayConfig,
): Promise<Principal> {
  if (claims === undefined) {
    if (incomingAuth?.type === 'oidc') throw usageError('--claims is to say who calls, e.g. {"sub":"alice"}')
    if (incomingAuth?.type !== 'local') return ANONYMOUS
    const { userInfo } = await import('node:os')
    return localUser(userInfo().username)
  }
  const all = await readObject('--claims', claims)
  const { sub, iss, scope } = all
  if (typeof sub !== 'string' || sub === '')
    throw usageError('--claims: the claim sub is to name the caller; nobody else is let in')
  const principal = { issuer: String(iss ?? ''), subject: sub, name: sub, claims: all }
  return typeof scope === 'string' ? { ...principal, scopes: new Set(scope.split(' ')) } : principal
}

/** JSON text of an object, or `@` and the name of a file that holds one. @throws UserError */
export async function readObject(option: string, text: string): Promise<JsonObject> {
  return objectOf(await textOf(option, text), (message) => usageError(`${option}: ${message}`))
}

/** Of an object. @throws UserError */
export async function textOf(option: string, text: string): Promise<string> {
  const content = text.startsWith('@') ? await fileText(option, text.slice(1)) : text
  objectOf(content, (message) => usageError(`${option}: ${message}`))
  return content
}

async function fileText(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw usageError(`${option}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
