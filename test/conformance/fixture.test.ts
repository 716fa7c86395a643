import { allScenarios, describeServer } from './scenarios.ts'

// Without a gateway: what the others find is the gateway's doing then.
for (const revision of ['2025-11-25', '2026-07-28'] as const) {
  describeServer(`${revision} clients of the server behind the other tests`, {
    revision,
    start: async (stage) => (await stage.server('conformance', { era: 'both' })).ready,
    scenarios: allScenarios(revision),
  })
}
