// npm run bench -- [--only ROW,…] [--rounds N] [--json] [--profile] [--catalog FILE]
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Bench, type BenchOptions, type Figure, type Row } from './bench.ts'
import { abandoned } from './rows/abandoned.ts'
import { auth, exchanged } from './rows/auth.ts'
import { authz } from './rows/authz.ts'
import { callLegacy, callLegacySse } from './rows/call-legacy.ts'
import { callLarge, callModern } from './rows/call-modern.ts'
import { callStdio } from './rows/call-stdio.ts'
import { elicit } from './rows/elicit.ts'
import { list } from './rows/list.ts'
import { memory } from './rows/memory.ts'
import { observedRows } from './rows/observed.ts'
import { proxy } from './rows/proxy.ts'
import { ready } from './rows/ready.ts'
import { streams } from './rows/streams.ts'
import { template, workflowCost, workflowMemory, workflowParallel } from './rows/workflows.ts'
import { formatFigure, isOver, tableHead } from './table.ts'

const ROWS: readonly Row[] = [
  proxy,
  callModern,
  callLegacy,
  callLegacySse,
  callStdio,
  callLarge,
  ...elicit,
  ...streams,
  list,
  auth,
  exchanged,
  authz,
  ...observedRows,
  template,
  workflowCost,
  workflowParallel,
  workflowMemory,
  ready,
  memory,
  abandoned,
]

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    catalog: { type: 'string' },
  },
})

const chosen = choose(values.only)
const { rounds, profile, catalog } = values
const figures = await runAll(chosen, { rounds: Math.max(5, Number(rounds)), profile, catalog })
if (values.json) process.stdout.write(`${JSON.stringify({ node: process.version, figures }, null, 2)}\n`)
process.exitCode = figures.some(isOver) ? 1 : 0

function choose(only: string | undefined): readonly Row[] {
  if (only === undefined) return ROWS
  const names = only.split(',')
  const unknown = names.find((name) => !ROWS.some((row) => row.name === name))
  if (unknown === undefined) return ROWS.filter(({ name }) => names.includes(name))
  throw new Error(`no row '${unknown}'; there are ${ROWS.map(({ name }) => name).join(', ')}`)
}

async function runAll(rows: readonly Row[], options: BenchOptions): Promise<Figure[]> {
  const say = values.json ? process.stderr : process.stdout
  say.write(`Node ${process.version}, ${availableParallelism()} cores, medians of ${options.rounds} rounds\n`)
  say.write(tableHead())
  const all: Figure[] = []
  for (const row of rows) {
    const bench = new Bench(options)
    try {
      const figures = await row.run(bench)
      for (const figure of figures) say.write(formatFigure(figure))
      all.push(...figures)
    } finally {
      await bench.close()
    }
  }
  return all
}
