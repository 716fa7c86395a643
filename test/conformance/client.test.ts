import { describeClient } from './clients.ts'
import type { Revision } from './suite.ts'

// The gateway as a client: the suite is the backend, and a client of the gateway has it do what the scenario wants.

/** How many checks of each scenario must have succeeded: what a client never did is only skipped. */
const SCENARIOS: readonly [Revision, string, number][] = [
  ['2025-11-25', 'initialize', 1],
  ['2025-11-25', 'tools_call', 1],
  ['2025-11-25', 'elicitation-sep1034-client-defaults', 5],
  ['2025-11-25', 'sse-retry', 3],
  ['2025-11-25', 'json-schema-2020-12-preservation', 5],
  ['2026-07-28', 'tools_call', 1],
  ['2026-07-28', 'request-metadata', 8],
  ['2026-07-28', 'sep-2322-client-request-state', 5],
  ['2026-07-28', 'http-standard-headers', 9],
  ['2026-07-28', 'http-custom-headers', 18],
  ['2026-07-28', 'http-invalid-tool-headers', 12],
  ['2026-07-28', 'json-schema-ref-no-deref', 1],
  ['2026-07-28', 'json-schema-2020-12-preservation', 8],
]

describeClient('the gateway as a client', SCENARIOS)
