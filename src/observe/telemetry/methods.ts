import type { Call } from '../../core/call.ts'
import type { Item } from '../../core/catalog.ts'
import type { Attributes } from '../../core/trace.ts'

/** Of MCP, in both eras; what else clients send is one method for metrics, since each new name is kept for good. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['initialize', 'ping', 'server/discover', 'subscriptions/listen', 'completion/complete'],
  ...['tools/list', 'tools/call', 'prompts/list', 'prompts/get', 'logging/setLevel'],
  ...['resources/list', 'resources/templates/list', 'resources/read'],
  ...['resources/subscribe', 'resources/unsubscribe'],
  ...['tasks/get', 'tasks/list', 'tasks/result', 'tasks/cancel', 'tasks/update'],
  ...['notifications/initialized', 'notifications/cancelled', 'notifications/progress'],
  'notifications/roots/list_changed',
])

/** As OpenTelemetry calls what it has no name for. */
export const OTHER = '_OTHER'

export function knownMethod(method: string): string {
  return KNOWN.has(method) ? method : OTHER
}

/** The name of a tool or prompt, which are few; URIs are not. */
export function targetOf(item: Item | undefined, name: (item: Item & { kind: 'tool' | 'prompt' }) => string) {
  return item?.kind === 'tool' || item?.kind === 'prompt' ? name(item) : undefined
}

/** What the conventions for MCP say of a method and what it is about. */
export function operation(method: string, item: Item | undefined, target: string | undefined): Attributes {
  return {
    'mcp.method.name': method,
    'gen_ai.operation.name': method === 'tools/call' ? 'execute_tool' : undefined,
    'gen_ai.tool.name': item?.kind === 'tool' ? target : undefined,
    'gen_ai.prompt.name': item?.kind === 'prompt' ? target : undefined,
  }
}

/** Errors of JSON-RPC and of MCP; others are told apart in spans only. */
const CODES: ReadonlySet<number> = new Set([
  ...[-32700, -32600, -32601, -32602, -32603],
  ...[-32000, -32001, -32002, -32020, -32021, -32022, -32042],
  ...[401, 403, 429],
])

export function knownCode(code: number): string {
  return CODES.has(code) ? String(code) : OTHER
}

/** Conventions for MCP: the result of a tool that says that it is an error. */
export const TOOL_ERROR = 'tool_error'

const ACTIONS: Readonly<Record<Call['kind'], string>> = {
  tool: 'call_tool',
  prompt: 'get_prompt',
  resource: 'read_resource',
  completion: 'complete',
  subscription: 'subscribe_resource',
  task: 'task',
  method: 'method',
}

/** What is done with a backend, in the words of `action`. */
export function actionOf({ kind }: Call): string {
  return ACTIONS[kind]
}
