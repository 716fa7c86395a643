import { MODERN_TO_LEGACY } from './exceptions.ts'
import { allScenarios, BARE, describeServer, gatewayTo } from './scenarios.ts'

describeServer('2026-07-28 clients of a 2025-11-25 backend', {
  revision: '2026-07-28',
  start: gatewayTo(['legacy'], BARE),
  scenarios: allScenarios('2026-07-28'),
  exceptions: MODERN_TO_LEGACY,
})
