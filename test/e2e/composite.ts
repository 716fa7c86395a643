import { ask } from '../fixtures/ask.ts'
import { config } from '../fixtures/config.ts'
import type { Json } from '../fixtures/fixture.ts'
import type { FixtureName } from '../fixtures/servers/index.ts'
import type { Child, Stage } from '../fixtures/stage.ts'

/** A step in the report of a run. */
interface Step {
  readonly id: string
  readonly status: string
  readonly startedAt: string
  readonly durationMs: number
  readonly attempts: number
  readonly output?: unknown
}

/** What a composite tool answered, with the steps of its report by id. */
export interface Answer {
  readonly isError?: boolean
  readonly text: string
  readonly structured: Record<string, unknown>
  readonly steps: Readonly<Record<string, Step>>
}

/** Calls a composite tool with one modern request. */
export async function run(url: string, name: string, args: Json = {}): Promise<Answer> {
  const { message, text } = await ask(url, 'tools/call', { name, arguments: args })
  if (message.result === undefined) throw new Error(text)
  return answerOf(message.result)
}

export function answerOf(result: Json): Answer {
  const { content, structuredContent, isError, _meta } = result as {
    content: { text: string }[]
    structuredContent?: Record<string, unknown>
    isError?: boolean
    _meta?: { 'dev.vmcp/report'?: { steps: Step[] } }
  }
  const steps = _meta?.['dev.vmcp/report']?.steps ?? []
  return {
    ...(isError !== undefined && { isError }),
    text: content[0]?.text ?? '',
    structured: structuredContent ?? {},
    steps: Object.fromEntries(steps.map((step) => [step.id, step])),
  }
}

/** A JSON Schema of parameters. */
export const params = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
})
export function tool(name: string, steps: object[], more: object = {}): object {
  return { name, description: `The composite ${name}`, steps, ...more }
}

export const echo = (id: string, input: string, more: object = {}) => ({
  id,
  tool: 'echo.echo',
  arguments: { input },
  ...more,
})

export const property = (value: string, type = 'string', more: object = {}) => ({
  type,
  description: 'd',
  value,
  ...more,
})

/** A gateway with these composite tools over the fixture servers of these names. */
export async function serve(stage: Stage, compositeTools: object[], servers: FixtureName[]): Promise<Child> {
  const backends = await Promise.all(
    servers.map(async (name) => {
      const { ready } = await stage.hosted(name, { era: 'both' })
      return { name, url: ready }
    }),
  )
  return stage.gateway({ config: config(backends, { compositeTools }) })
}
