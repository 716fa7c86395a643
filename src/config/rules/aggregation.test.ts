import { describe, expect, it } from 'vitest'
import { faultsIn, said, withBlock } from '../testing.ts'

/** The block of a good file, the error that must come of it, and the same mended. */
type Case = readonly [bad: string, error: string, good: string]

describe('aggregation', () => {
  const PREFIX = 'conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: x}'
  it.each<Case>([
    [
      '{conflictResolution: prefix, conflictResolutionConfig: {}}',
      'aggregation.conflictResolutionConfig: conflictResolution prefix needs prefixFormat',
      `{${PREFIX}}`,
    ],
    [
      '{conflictResolution: prefix}',
      'aggregation.conflictResolutionConfig: required: expected a mapping',
      '{conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: "{workload}."}}',
    ],
    [
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: []}}',
      'aggregation.conflictResolutionConfig: conflictResolution priority needs priorityOrder',
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a]}}',
    ],
    [
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, a]}}',
      'aggregation.conflictResolutionConfig.priorityOrder[1]: "a" is listed twice',
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, b]}}',
    ],
    [
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, b]}, defaultToolVisibility: deny, tools: [{workload: a}]}',
      'aggregation.conflictResolutionConfig.priorityOrder[1]: "b" needs an entry under aggregation.tools',
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, b]}, defaultToolVisibility: deny, tools: [{workload: a}, {workload: b}]}',
    ],
    [
      '{conflictResolution: manual, conflictResolutionConfig: {}}',
      'aggregation.tools: conflictResolution manual needs at least one entry under tools',
      '{conflictResolution: manual, conflictResolutionConfig: {}, tools: [{workload: a}]}',
    ],
    [
      `{${PREFIX}, tools: [{workload: a}, {workload: a}]}`,
      'aggregation.tools[1].workload: the workload "a" already has an entry at aggregation.tools[0].workload',
      `{${PREFIX}, tools: [{workload: a, filter: [x], excludeAll: true}, {workload: b, filter: []}]}`,
    ],
    [
      `{${PREFIX}, tools: [{filter: [x]}]}`,
      'aggregation.tools[0].workload: required: expected text',
      `{${PREFIX}, excludeAllTools: true, defaultToolVisibility: ""}`,
    ],
    [
      `{${PREFIX}, tools: [{workload: a, overrides: {t: {}}}]}`,
      'aggregation.tools[0].overrides.t: the override of t changes nothing',
      `{${PREFIX}, tools: [{workload: a, overrides: {t: {annotations: {readOnlyHint: true}}, u: {title: T}}}]}`,
    ],
    [
      `{${PREFIX}, tools: [{workload: a, overrides: {t: {name: n}, u: {name: n}}}]}`,
      'aggregation.tools[0].overrides.u.name: the new name "n" is already given at aggregation.tools[0].overrides.t.name',
      `{${PREFIX}, tools: [{workload: a, overrides: {t: {name: n}}}, {workload: b, overrides: {t: {name: n}}}]}`,
    ],
    [
      `{${PREFIX}, defaultToolVisibility: none}`,
      'aggregation.defaultToolVisibility: expected one of "", allow, deny, found "none"',
      `{${PREFIX}, defaultToolVisibility: deny}`,
    ],
  ])('%s', (bad, error, good) => {
    expect(faultsIn(withBlock('aggregation', bad))).toContain(error)
    expect(faultsIn(withBlock('aggregation', good))).toEqual([])
  })
})

it('a placeholder that there is not is warned of', () => {
  const format = (prefixFormat: string) =>
    withBlock(
      'aggregation',
      `{conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: "${prefixFormat}"}}`,
    )
  expect(said('warning', format('{backend}_{workload}_'))).toEqual([
    'aggregation.conflictResolutionConfig.prefixFormat: {backend} is taken as it stands',
  ])
  expect(said('warning', format('{workload}.'))).toEqual([])
})
