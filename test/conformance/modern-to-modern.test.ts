import { allScenarios, BARE, describeServer, gatewayTo } from './scenarios.ts'

describeServer('2026-07-28 clients of a 2026-07-28 backend', {
  revision: '2026-07-28',
  start: gatewayTo(['modern'], BARE),
  scenarios: allScenarios('2026-07-28'),
})
