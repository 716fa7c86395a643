import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, odd, textAt, wrong, wrongBlock } from '../place.ts'
import { didYouMean } from '../similar.ts'
import { repeated } from './rule.ts'

const MAX_EMBEDDING_HEADERS = 32

/** Every kind of event that can be written to the audit log. */
export const AUDIT_EVENTS: readonly string[] = [
  ...['mcp_initialize', 'mcp_tool_call', 'mcp_tools_list', 'mcp_resource_read', 'mcp_resources_list'],
  ...['mcp_prompt_get', 'mcp_prompts_list', 'mcp_notification', 'mcp_ping', 'mcp_logging', 'mcp_completion'],
  ...['mcp_roots_list_changed', 'sse_connection', 'mcp_request', 'http_request'],
  ...['vmcp_workflow_started', 'vmcp_workflow_completed', 'vmcp_workflow_failed', 'vmcp_workflow_timed_out'],
  ...['vmcp_workflow_step_started', 'vmcp_workflow_step_completed', 'vmcp_workflow_step_failed'],
  'vmcp_workflow_step_skipped',
]

export function* audit(root: Place): Iterable<Finding> {
  const block = child(root, 'audit')
  for (const place of [...items(child(block, 'eventTypes')), ...items(child(block, 'excludeEventTypes'))]) {
    const event = textAt(place)
    if (event === undefined || AUDIT_EVENTS.includes(event)) continue
    const hint = didYouMean(event, AUDIT_EVENTS) ?? `one of ${AUDIT_EVENTS.join(', ')}`
    yield wrong(place, `there is no audit event ${JSON.stringify(event)}`, hint)
  }
}

export function* optimizer(root: Place): Iterable<Finding> {
  const block = child(root, 'optimizer')
  const openai = child(block, 'embeddingProvider').value === 'openai'
  if (openai && !exists(child(block, 'embeddingModel')))
    yield wrongBlock(block, 'embeddingProvider openai needs embeddingModel')
  const place = child(block, 'embeddingHeaders')
  const headers = entries(place)
  if (headers.length > 0 && !openai)
    yield wrongBlock(place, 'only embeddingProvider openai has further headers')
  if (headers.length > MAX_EMBEDDING_HEADERS)
    yield wrongBlock(place, `must be at most ${MAX_EMBEDDING_HEADERS} headers`)
  for (const [name, header] of headers) {
    if (!['authorization', 'content-type'].includes(name.toLowerCase())) continue
    yield wrongBlock(header, `the header ${name} is set by vmcp itself`)
  }
}

export function* sessionStorage(root: Place): Iterable<Finding> {
  const block = child(root, 'sessionStorage')
  const address = child(block, 'address')
  if (child(block, 'provider').value === 'redis') {
    if (!exists(address)) yield wrongBlock(block, 'provider redis needs address')
    return
  }
  for (const key of ['address', 'db', 'keyPrefix']) {
    if (exists(child(block, key))) yield odd(child(block, key), 'has no effect unless provider is redis')
  }
}

export function* tokenCache(root: Place): Iterable<Finding> {
  const block = child(root, 'tokenCache')
  const redis = child(block, 'provider').value === 'redis'
  if (redis && !exists(child(block, 'config', 'address')))
    yield wrongBlock(block, 'provider redis needs config.address')
}

export function* rateLimiting(root: Place): Iterable<Finding> {
  const tools = items(child(root, 'rateLimiting', 'tools'))
  yield* repeated(
    tools.map((tool) => child(tool, 'name')),
    (name, first) => `the tool ${JSON.stringify(name)} already has limits at ${first}`,
  )
  for (const tool of tools) {
    const limited = exists(child(tool, 'shared')) || exists(child(tool, 'perUser'))
    if (!limited) yield wrong(tool, 'needs shared or perUser')
  }
}

export function* compositeToolRefs(root: Place): Iterable<Finding> {
  const names = items(child(root, 'compositeToolRefs')).map((reference) => child(reference, 'name'))
  yield* repeated(names, (name, first) => `${JSON.stringify(name)} is already referred to at ${first}`)
}
