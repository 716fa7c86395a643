// npm run bench:search -- FOLDER [--embedding URL [--openai MODEL]]
import { parseArgs } from 'node:util'
import { SearchIndex } from '../../src/engines/search/index.ts'
import { keyed } from '../../src/layers/optimizer/entry.ts'
import { cost } from './cost.ts'
import { hybrid } from './hybrid.ts'
import { type Ask, halves, score } from './score.ts'
import { grown, readTasks, type Task } from './tasks.ts'

const USAGE = `usage: npm run bench:search -- FOLDER [--embedding URL [--openai MODEL]]
FOLDER holds livemcp-tools.json and livemcp-queries.json, in the format of LiveMCPBench.
With --embedding, the figures with an embedding service too: Text Embeddings Inference, or what speaks as OpenAI.`
/** Must be reached: tools found and tasks complete, in percent. */
const LIMITS = new Map([
  [3, { toolsFound: 75, tasksComplete: 64 }],
  [8, { toolsFound: 83, tasksComplete: 77 }],
])
const SIZE = 5_000

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { embedding: { type: 'string' }, openai: { type: 'string' } },
})
const [folder] = positionals
if (folder === undefined) {
  process.stderr.write(`${USAGE}\n`)
  process.exit(2)
}
const { tools, tasks } = await readTasks(folder)
const [one, other] = halves(tasks)
const index = new SearchIndex()
const collection = { items: tools.map(keyed) }
const byWords: Ask = async (question, k) =>
  index.search(collection, question, k).map(({ place }) => tools[place]?.name ?? '')

say(`${tools.length} tools, ${tasks.length} tasks (halves of ${one.length} and ${other.length})`)
await table('by words', byWords)
if (values.embedding !== undefined) {
  const byBoth = await hybrid(tools, values.embedding, values.openai)
  await table('and by meaning', byBoth)
}
const measured = cost(grown(tools, SIZE), questionsOf(tasks))
const { query } = measured
say(
  `${measured.tools} tools: indexed in ${measured.indexMs.toFixed(0)} ms, ${measured.indexMb.toFixed(1)} MB; ` +
    `CPU of a query: median ${query.median} µs, p95 ${query.p95} µs, maximum ${query.greatest} µs ` +
    `(in one single measurement ${measured.queryOnce} µs)`,
)
if (measured.indexMb > 40 || query.greatest > 2_000 || measured.indexMs > 1_000) process.exitCode = 1

async function table(title: string, ask: Ask): Promise<void> {
  say(`\n${title.padEnd(20)} tools found        tasks complete     (each half)`)
  for (const [k, limit] of LIMITS) {
    const all = await score(tasks, k, ask)
    const parts = [await score(one, k, ask), await score(other, k, ask)]
    const isUnder = all.toolsFound < limit.toolsFound || all.tasksComplete < limit.tasksComplete
    if (isUnder) process.exitCode = 1
    const found = `${percent(all.toolsFound)} (${limit.toolsFound})`
    const complete = `${percent(all.tasksComplete)} (${limit.tasksComplete})`
    const each = parts.map((it) => `${percent(it.toolsFound)} ${percent(it.tasksComplete)}`).join(' | ')
    say(
      `k = ${String(k).padEnd(16)} ${found.padEnd(18)} ${complete.padEnd(18)} ${each}${isUnder ? '  UNDER' : ''}`,
    )
  }
}

function questionsOf(all: readonly Task[]): string[] {
  return all.flatMap(({ question, steps }) => [question, ...steps])
}

function percent(value: number): string {
  return `${value.toFixed(1)} %`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
