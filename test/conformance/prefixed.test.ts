import { prefixed } from '../fixtures/config.ts'
import { describeCell } from './cell.ts'

// Scenarios that look for no tool or prompt by its name.
const BOTH = [
  'tools-list',
  'prompts-list',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'server-sse-multiple-streams',
  'dns-rebinding-protection',
]

describeCell('2025-11-25 clients of two backends, with prefixes', {
  revision: '2025-11-25',
  backends: ['legacy', 'modern'],
  aggregation: prefixed(),
  scenarios: [
    ...BOTH,
    'server-initialize',
    'server-session-lifecycle',
    'ping',
    'logging-set-level',
    'resources-subscribe',
    'resources-unsubscribe',
  ],
})

describeCell('2026-07-28 clients of two backends, with prefixes', {
  revision: '2026-07-28',
  backends: ['legacy', 'modern'],
  aggregation: prefixed(),
  scenarios: [
    ...BOTH,
    'sep-2164-resource-not-found',
    'caching',
    'http-header-validation',
    'http-custom-header-server-validation',
    'input-required-result-unsupported-methods',
  ],
})
