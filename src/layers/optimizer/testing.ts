import type { JsonObject } from '../../core/catalog.ts'
import type { Gateway } from '../../core/gateway.ts'
import { type Log, silent } from '../../core/log.ts'
import type { EmbeddingConfig, OptimizerConfig } from '../../core/optimizer.ts'
import { DEFAULT_OPTIMIZER } from '../../core/optimizer.ts'
import { RawObject } from '../../core/raw.ts'
import { CALLER, TestExchange, type TestTool, testTool } from '../composition/testing.ts'
import type { Meaning } from './finder.ts'
import { optimizer } from './index.ts'
import { createFind } from './search.ts'

/** For tests: a layer over `inner` with these settings. */
export function optimized(
  inner: Gateway,
  settings: Partial<OptimizerConfig> = {},
  meaning?: Meaning,
  log: Log = silent,
): Gateway {
  const config = { ...DEFAULT_OPTIMIZER, ...settings }
  const find = createFind({ config, meaning, log })
  return optimizer({ config, search: () => find })(inner)
}

export function described(
  place: `${string}.${string}`,
  description: string,
  definition: JsonObject = {},
): TestTool {
  return testTool(place, undefined, { definition: { description, ...definition } })
}

export const SOME: readonly TestTool[] = [
  described('github.create_issue', 'Create a new issue in a repository. Needs the right to write.', {
    inputSchema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
  }),
  described('github.list_issues', 'List the issues of a repository.'),
  described('slack.send_message', 'Send a message to a channel.'),
  described('weather.get_forecast', 'Get the weather of a city.'),
  described('media.resize_picture', 'Make a picture smaller.'),
]

export interface Answer {
  readonly content: readonly { readonly text: string }[]
  readonly isError?: boolean
  readonly structuredContent: {
    readonly tools: readonly (JsonObject & { readonly name: string })[]
    readonly servers: Readonly<Record<string, readonly string[]>>
    readonly omitted: number
    readonly token_metrics: Readonly<
      Record<'baseline_tokens' | 'returned_tokens' | 'savings_percent', number>
    >
  }
}

export async function callWith(
  gateway: Gateway,
  name: string,
  args: unknown,
  exchange = new TestExchange(),
): Promise<Answer> {
  const params = RawObject.of({ name, arguments: args })
  const resolved = await gateway.resolve(CALLER, { kind: 'tool', name, params }, exchange.signal)
  return (await resolved.run(exchange)).body.parse() as unknown as Answer
}

/** The names that `find_tool` answers with. */
export async function findNames(gateway: Gateway, tool_description: string): Promise<string[]> {
  const { structuredContent } = await callWith(gateway, 'find_tool', { tool_description })
  return structuredContent.tools.map(({ name }) => name)
}

export function remote(url: string, more: object = {}): EmbeddingConfig {
  return {
    provider: 'tei',
    url,
    model: undefined,
    headers: {},
    apiKey: undefined,
    timeoutMs: 2_000,
    cacheFolder: undefined,
    ...more,
  }
}
