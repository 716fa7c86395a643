import { prefixed } from '../fixtures/config.ts'
import { describeServer, gatewayTo } from './scenarios.ts'

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

describeServer('2025-11-25 clients of two backends, with prefixes', {
  revision: '2025-11-25',
  start: gatewayTo(['legacy', 'modern'], prefixed()),
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

describeServer('2026-07-28 clients of two backends, with prefixes', {
  revision: '2026-07-28',
  start: gatewayTo(['legacy', 'modern'], prefixed()),
  scenarios: [
    ...BOTH,
    'sep-2164-resource-not-found',
    'caching',
    'http-header-validation',
    'http-custom-header-server-validation',
    'input-required-result-unsupported-methods',
  ],
})
