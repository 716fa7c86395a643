import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ToolItem } from '../../src/core/catalog.ts'

/** What somebody wants done, as a whole and step by step, and the names of the tools that do it. */
export interface Task {
  readonly question: string
  readonly steps: readonly string[]
  readonly tools: readonly string[]
}

interface ServerFile {
  readonly tools: Readonly<Record<string, { readonly tools: readonly Record<string, unknown>[] }>>
}

/** Servers with their tools, and tasks, in the format of LiveMCPBench (icip-cas/LiveMCPBench). */
export async function readTasks(folder: string): Promise<{ tools: ToolItem[]; tasks: Task[] }> {
  const servers = await readJson<ServerFile[]>(join(folder, 'livemcp-tools.json'))
  const tools = servers.flatMap(({ tools: byServer }) =>
    Object.entries(byServer).flatMap(([backend, list]) => list.tools.map((it) => toolOf(backend, it))),
  )
  const names = new Set(tools.map(({ name }) => name))
  const tasks = await readJson<Task[]>(join(folder, 'livemcp-queries.json'))
  return {
    tools,
    tasks: tasks
      .map((task) => ({ ...task, tools: task.tools.filter((name) => names.has(name)) }))
      .filter((task) => task.tools.length > 0),
  }
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
}

function toolOf(backend: string, definition: Record<string, unknown>): ToolItem {
  const name = String(definition['name'])
  return { kind: 'tool', name, origin: { backend, name }, definition, hidden: false }
}

/** A catalogue of another size, whose tools differ in name and words from one another. */
export function grown(tools: readonly ToolItem[], size: number): ToolItem[] {
  return Array.from({ length: size }, (_, at) => {
    const tool = tools[at % tools.length] as ToolItem
    const round = Math.floor(at / tools.length)
    if (round === 0) return tool
    const word = invented(at)
    const definition = {
      ...tool.definition,
      name: `${tool.name}_${word}`,
      description: `${tool.definition['description'] ?? ''} For ${word} and ${invented(at * 7 + 3)}.`,
    }
    const origin = { backend: `${tool.origin.backend}-${round}`, name: definition.name }
    return { ...tool, name: definition.name, origin, definition }
  })
}

function invented(seed: number): string {
  const syllables = ['ka', 'ro', 'mi', 'ten', 'lu', 'sor', 'vi', 'pax', 'ner', 'do']
  return [...String(seed)].map((digit) => syllables[Number(digit)]).join('')
}
