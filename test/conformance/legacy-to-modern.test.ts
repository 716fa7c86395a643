import { allScenarios, BARE, describeCell } from './cell.ts'

describeCell('2025-11-25 clients of a 2026-07-28 backend', {
  revision: '2025-11-25',
  backends: ['modern'],
  aggregation: BARE,
  scenarios: allScenarios('2025-11-25'),
})
