import { allScenarios, BARE, describeServer, gatewayTo } from './scenarios.ts'

describeServer('2025-11-25 clients of a 2026-07-28 backend', {
  revision: '2025-11-25',
  start: gatewayTo(['modern'], BARE),
  scenarios: allScenarios('2025-11-25'),
})
