import { type Explanation, explain } from '../catalog/index.ts'
import { didYouMean } from '../config/similar.ts'
import { COMPOSITE } from '../core/composite.ts'
import { type Connection, whileConnected } from './connected.ts'
import { whyDown } from './down.ts'
import { EXIT } from './exit.ts'

interface Asked {
  /** As clients see it, or as its backend calls it. */
  readonly name: string
  readonly json: boolean
}

/** Says what became of what goes by a name. @returns the exit code: failed when clients get nothing by that name */
export function printExplanation(connection: Connection, { name, json }: Asked): Promise<number> {
  const { terminal, config } = connection
  return whileConnected(connection, ({ backends, catalog }) => {
    const all = explain(catalog, { backends: backends.all, policy: config.aggregation })
    const entries = all.filter((entry) => entry.name === name || entry.ownName === name)
    const missing = backends.all.flatMap((backend) => {
      const reason = whyDown(backend)
      return reason === undefined ? [] : [{ name: backend.name, reason }]
    })
    const hint =
      entries.length === 0
        ? didYouMean(
            name,
            all.flatMap((entry) => [entry.name, entry.ownName]),
          )
        : undefined
    if (json) terminal.json({ name, entries, missing, ...(hint !== undefined && { hint }) })
    else {
      for (const entry of entries) terminal.out(sentence(entry))
      if (entries.length === 0) {
        const place = missing.length === 0 ? 'no backend has' : 'no backend that answered has'
        terminal.out(`${place} anything called '${name}'${hint === undefined ? '' : `; ${hint}`}`)
      }
      for (const { name: backend, reason } of missing) terminal.err(`backend '${backend}' ${reason}`)
    }
    return entries.some(({ status }) => status === 'listed') ? EXIT.ok : EXIT.failed
  })
}

function sentence({ kind, name, backend, ownName, status, reason }: Explanation): string {
  const from = backend === COMPOSITE ? 'a composite tool' : `from backend '${backend}'`
  const own = ownName === name ? '' : `, which calls it '${ownName}'`
  return `${kind} '${name}' is ${status}: ${from}${own}${reason === undefined ? '' : `; ${reason}`}`
}
