import { explain } from '../catalog/index.ts'
import { backendRow } from './backend-rows.ts'
import { type Connection, whileConnected } from './connected.ts'
import { printDown, whyDown } from './down.ts'
import { EXIT } from './exit.ts'
import { type Column, table } from './table.ts'

const COLUMNS: readonly Column[] = ['KIND', 'NAME', 'BACKEND', 'ITS NAME', 'STATUS', 'REASON'].map(
  (title) => ({ title }),
)

/** Prints the aggregated catalogue. @returns the exit code: failed when no backend at all has answered */
export function printCatalog(connection: Connection, json: boolean): Promise<number> {
  const { terminal } = connection
  return whileConnected(connection, ({ backends, catalog }) => {
    const entries = explain(catalog, { backends: backends.all, policy: connection.config.aggregation })
    const down = backends.all.filter((backend) => whyDown(backend) !== undefined)
    if (json) terminal.json({ entries, backends: backends.all.map(backendRow) })
    else {
      const rows = entries.map(({ kind, name, backend, ownName, status, reason }) => [
        kind,
        name,
        backend,
        ownName === name ? '' : ownName,
        status,
        reason ?? '',
      ])
      if (rows.length > 0) terminal.out(table(COLUMNS, rows))
      printDown(backends, terminal)
      for (const { name } of backends.all.filter(({ views }) => views !== undefined))
        terminal.note(
          `backend '${name}' shows each caller what it has for them; here is what it shows to no user`,
        )
    }
    return down.length > 0 && down.length === backends.all.length ? EXIT.failed : EXIT.ok
  })
}
