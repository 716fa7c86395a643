import { allScenarios, BARE, describeCell } from './cell.ts'

describeCell('2026-07-28 clients of a 2025-11-25 backend', {
  revision: '2026-07-28',
  backends: ['legacy'],
  aggregation: BARE,
  scenarios: allScenarios('2026-07-28'),
})
