import type { Task } from './tasks.ts'

/** Answers a question with the names of tools, the best first. */
export type Ask = (question: string, limit: number) => Promise<readonly string[]>

export interface Score {
  /** Of all the tools of all tasks, in percent. */
  readonly toolsFound: number
  /** Of all tasks, those with all of their tools. */
  readonly tasksComplete: number
}

/**
 * Asks with the question of each task and with each of its steps, keeps the first `k` of each answer, and counts
 * the tools of the task that are among them.
 */
export async function score(tasks: readonly Task[], k: number, ask: Ask): Promise<Score> {
  let [found, wanted, complete] = [0, 0, 0]
  for (const { question, steps, tools } of tasks) {
    const answers = await Promise.all([question, ...steps].map((it) => ask(it, k)))
    const names = new Set(answers.flatMap((answer) => answer.slice(0, k)))
    const hits = tools.filter((name) => names.has(name)).length
    found += hits
    wanted += tools.length
    if (hits === tools.length) complete++
  }
  return { toolsFound: (100 * found) / wanted, tasksComplete: (100 * complete) / tasks.length }
}

/** Two halves that have nothing to do with what the tasks are about. */
export function halves(tasks: readonly Task[]): readonly [Task[], Task[]] {
  const half = ({ question }: Task) => [...question].reduce((sum, it) => (sum * 31 + it.charCodeAt(0)) | 0, 7)
  return [
    tasks.filter((task) => (half(task) >> 3) % 2 === 0),
    tasks.filter((task) => (half(task) >> 3) % 2 !== 0),
  ]
}
