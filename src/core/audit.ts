/** Every kind of event that can be written to the audit log. */
export const AUDIT_EVENTS = [
  'mcp_initialize',
  'mcp_tool_call',
  'mcp_tools_list',
  'mcp_resource_read',
  'mcp_resources_list',
  'mcp_prompt_get',
  'mcp_prompts_list',
  'mcp_notification',
  'mcp_ping',
  'mcp_logging',
  'mcp_completion',
  'mcp_roots_list_changed',
  'sse_connection',
  'mcp_request',
  'http_request',
  'vmcp_workflow_started',
  'vmcp_workflow_completed',
  'vmcp_workflow_failed',
  'vmcp_workflow_timed_out',
  'vmcp_workflow_step_started',
  'vmcp_workflow_step_completed',
  'vmcp_workflow_step_failed',
  'vmcp_workflow_step_skipped',
] as const

export type AuditEvent = (typeof AUDIT_EVENTS)[number]

/** One JSON line for each event. */
export interface AuditConfig {
  /** Names this server in the log. */
  readonly component: string
  /** All, when absent. */
  readonly eventTypes: readonly AuditEvent[] | undefined
  /** Are not written, whatever `eventTypes` says. */
  readonly excludeEventTypes: readonly AuditEvent[]
  readonly includeRequestData: boolean
  readonly includeResponseData: boolean
  /** Tells results that are errors from successes. */
  readonly detectApplicationErrors: boolean
  /** Bytes of a payload that are written. */
  readonly maxDataSize: number
  /** Links of a delegation chain that are written. */
  readonly maxDelegationDepth: number
  /** Appended to; standard output when absent. */
  readonly logFile: string | undefined
  /** Addresses and CIDR ranges of the proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  /** JSON pointers (RFC 6901) into parameters and results, to what is never written. */
  readonly redact: readonly string[]
  /** What gives way when lines cannot be written as fast as they come: lines, or requests. */
  readonly onFull: 'drop' | 'block'
}

export const DEFAULT_AUDIT: AuditConfig = {
  component: 'vmcp-server',
  eventTypes: undefined,
  excludeEventTypes: [],
  includeRequestData: false,
  includeResponseData: false,
  detectApplicationErrors: true,
  maxDataSize: 1024,
  maxDelegationDepth: 10,
  logFile: undefined,
  trustedProxies: [],
  redact: [],
  onFull: 'drop',
}
