import { allScenarios, BARE, describeServer, gatewayTo } from './scenarios.ts'

describeServer('2025-11-25 clients of a 2025-11-25 backend', {
  revision: '2025-11-25',
  start: gatewayTo(['legacy'], BARE),
  scenarios: allScenarios('2025-11-25'),
})
