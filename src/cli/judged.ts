import type { Conflict } from '../catalog/index.ts'
import type { Diagnostic } from '../config/diagnostics.ts'
import type { SourceIndex } from '../config/source.ts'
import type { Dropped } from '../core/catalog.ts'
import { COMPOSITE } from '../core/composite.ts'
import type { GatewayConfig } from '../core/config.ts'
import { type Backends, isMissing, type Offer } from '../core/ports.ts'
import type { Running } from '../running.ts'
import { type Connection, whileConnected } from './connected.ts'
import { whyDown } from './down.ts'

/** What a configuration turns out to be once its backends have answered. */
export function checkConnected(
  connection: Connection & { readonly source: SourceIndex },
): Promise<Diagnostic[]> {
  return whileConnected(connection, async (running) => {
    const { source } = connection
    const file = { file: source.file, line: 0, column: 0, path: '' }
    const down = running.backends.all.flatMap((backend): Diagnostic[] => {
      const why = whyDown(backend)
      return why === undefined
        ? []
        : [{ ...file, severity: 'warning', message: `backend '${backend.name}' ${why}` }]
    })
    return [...down, ...(await judge(running, connection))]
  })
}

interface Judged {
  readonly config: GatewayConfig
  readonly source: SourceIndex
}

/** What a configuration is worth over what its backends offer. */
export async function judge(running: Running, judged: Judged): Promise<Diagnostic[]> {
  const { lint } = await import('../config/index.ts')
  const { config, source } = judged
  return [
    ...lint(config, source, offersOf(running.backends)),
    ...(isWhole(running) ? running.catalog.dropped.flatMap((dropped) => withdrawn(dropped, judged)) : []),
    ...(await misfits(running, judged)),
    ...running.router.conflicts.map((conflict) => undecided(conflict, source)),
    ...unguarded(running, judged),
  ]
}

/** Whether what is to be seen from here is all that any caller is shown. */
function isWhole({ backends }: Running): boolean {
  return backends.all.every(({ views }) => views === undefined)
}

/** Scopes for a tool that nobody has guard nothing, and the tool that was meant stands open. */
function unguarded(running: Running, { config, source }: Judged): Diagnostic[] {
  const { catalog, backends } = running
  const auth = config.incomingAuth
  if (auth?.type !== 'oidc' || backends.all.some(isMissing) || !isWhole(running)) return []
  const known = new Set(catalog.tools.map(({ name }) => name))
  return Object.keys(auth.scopes.tools).flatMap((name): Diagnostic[] => {
    if (known.has(name)) return []
    const place = source.at(['incomingAuth', 'oidc', 'requiredScopes', 'tools', name], 'key')
    const message = `no tool is called ${JSON.stringify(name)}; tools go by the names that clients see`
    return [
      {
        severity: 'warning',
        file: source.file,
        ...place,
        path: 'incomingAuth.oidc.requiredScopes.tools',
        message,
      },
    ]
  })
}

function offersOf({ all }: Backends): Map<string, Offer> {
  const ready = all.flatMap(({ name, state, views }) =>
    state.status === 'ready' && views === undefined ? [[name, state.offer] as const] : [],
  )
  return new Map(ready)
}

/** A composite tool that the offers of the backends do not bear. */
function withdrawn({ origin, reason }: Dropped, { config, source }: Judged): Diagnostic[] {
  if (origin.backend !== COMPOSITE) return []
  const index = (config.compositeTools ?? []).findIndex(({ name }) => name === origin.name)
  const place = source.at(['compositeTools', index, 'name'])
  const path = `compositeTools[${index}]`
  return [{ severity: 'warning', file: source.file, ...place, path, message: `${origin.name} is ${reason}` }]
}

/** Arguments that the tools of the steps will not take. */
async function misfits({ catalog }: Running, { config, source }: Judged): Promise<Diagnostic[]> {
  const { compositeTools = [] } = config
  if (compositeTools.length === 0) return []
  const { misfitsOf } = await import('../workflows/fit.ts')
  const { locate } = await import('../config/diagnostics.ts')
  const findings = compositeTools.flatMap((tool, at) =>
    misfitsOf(tool, catalog).map((it) => ({ ...it, path: ['compositeTools', at, ...it.path] })),
  )
  return locate(findings, source)
}

function undecided({ kind, name, backends }: Conflict, source: SourceIndex): Diagnostic {
  return {
    severity: 'error',
    file: source.file,
    ...source.at(['aggregation']),
    path: 'aggregation',
    message: `${kind} name '${name}' is claimed by ${backends.join(' and ')}`,
    hint: 'give all but one of them another name under aggregation.tools[].overrides',
  }
}
