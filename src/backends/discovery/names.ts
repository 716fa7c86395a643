import { GatewayError } from '../../core/errors.ts'

/** A name that is one plain file name on every system and fits into an MCP tool name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/
/** Group names become file names, and some file systems do not tell upper from lower case. */
const GROUP = /^[a-z0-9][a-z0-9_.-]{0,62}$/

export function isName(name: string): boolean {
  return NAME.test(name)
}

export function isGroupName(name: string): boolean {
  return GROUP.test(name)
}

/** @throws GatewayError `config` */
export function checkWorkloadName(name: string): string {
  if (isName(name)) return name
  throw bad('workload', name, 'letters')
}

/** @throws GatewayError `config` */
export function checkGroupName(name: string): string {
  if (isGroupName(name)) return name
  throw bad('group', name, 'lower-case letters')
}

function bad(what: string, name: string, letters: string): GatewayError {
  return new GatewayError(
    'config',
    `${JSON.stringify(name)} is not a ${what} name: expected 1 to 63 ${letters}, digits, "_", "-" or ".", beginning with a letter or digit`,
  )
}
