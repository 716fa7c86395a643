import type { AuditConfig, AuditEvent } from '../../core/audit.ts'
import type { RunSeenType, Seen } from '../../core/witness.ts'

const REQUESTS: ReadonlyMap<string, AuditEvent> = new Map([
  ['initialize', 'mcp_initialize'],
  ['tools/call', 'mcp_tool_call'],
  ['tools/list', 'mcp_tools_list'],
  ['resources/read', 'mcp_resource_read'],
  ['resources/list', 'mcp_resources_list'],
  ['resources/templates/list', 'mcp_resources_list'],
  ['prompts/get', 'mcp_prompt_get'],
  ['prompts/list', 'mcp_prompts_list'],
  ['ping', 'mcp_ping'],
  ['logging/setLevel', 'mcp_logging'],
  ['completion/complete', 'mcp_completion'],
])

/** What kind of event it is in the audit log. */
export function eventOf({ kind, method, source }: Seen): AuditEvent {
  switch (kind) {
    case 'request':
      return REQUESTS.get(method) ?? 'mcp_request'
    case 'notification':
      return method === 'notifications/roots/list_changed' ? 'mcp_roots_list_changed' : 'mcp_notification'
    case 'response':
      return 'mcp_request'
    case 'stream':
      return 'sse_connection'
    case 'other':
      return source.transport === 'http' ? 'http_request' : 'mcp_request'
  }
}

/** A run or a step that was cancelled has failed; that a step is tried again is no event of its own. */
const RUNS: Readonly<Record<RunSeenType, AuditEvent | undefined>> = {
  workflow_started: 'vmcp_workflow_started',
  workflow_completed: 'vmcp_workflow_completed',
  workflow_failed: 'vmcp_workflow_failed',
  workflow_timed_out: 'vmcp_workflow_timed_out',
  workflow_cancelled: 'vmcp_workflow_failed',
  step_started: 'vmcp_workflow_step_started',
  step_retrying: undefined,
  step_completed: 'vmcp_workflow_step_completed',
  step_failed: 'vmcp_workflow_step_failed',
  step_skipped: 'vmcp_workflow_step_skipped',
  step_cancelled: 'vmcp_workflow_step_failed',
}

export function runEventOf(type: RunSeenType): AuditEvent | undefined {
  return RUNS[type]
}

/** Whether an event is written: exclusion wins. */
export function selection(config: Pick<AuditConfig, 'eventTypes' | 'excludeEventTypes'>) {
  const wanted = config.eventTypes && new Set(config.eventTypes)
  const unwanted = new Set(config.excludeEventTypes)
  return (event: AuditEvent): boolean => (wanted?.has(event) ?? true) && !unwanted.has(event)
}
