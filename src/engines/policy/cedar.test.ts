import { expect, test } from 'vitest'
import { readPolicies } from './index.ts'

const GOOD = 'permit(principal, action, resource);'
const when = (condition: string) => `permit(principal, action, resource) when { ${condition} };`

test.each([
  ['accesses', when(`resource${'.a'.repeat(50_000)}`)],
  ['branches', when(`${'if true then '.repeat(20_000)} true ${' else true'.repeat(20_000)}`)],
  ['terms', when(`1 ${'+ 1 '.repeat(50_000)} == 2`)],
])('a policy with more %s than the engine can bear is refused, and the next one is read', (_, text) => {
  const reading = readPolicies(text)
  expect(reading.ok ? [] : reading.faults.map(({ message }) => message)).toEqual([
    'the Cedar engine cannot read this policy: it is too long or too deep',
  ])
  expect(readPolicies(GOOD).ok).toBe(true)
})

test('thousands of policies are read', () => {
  const reading = readPolicies(GOOD.repeat(5_000))
  expect(reading.ok && reading.policies.length).toBe(5_000)
})
