import { allScenarios, BARE, describeCell } from './cell.ts'

describeCell('2025-11-25 clients of a 2025-11-25 backend', {
  revision: '2025-11-25',
  backends: ['legacy'],
  aggregation: BARE,
  scenarios: allScenarios('2025-11-25'),
})
