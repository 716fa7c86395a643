import { describe, expect, it } from 'vitest'
import { defineWorkflow } from './define.ts'
import { describeProblem, plan } from './plan.ts'

function graph(edges: Record<string, string[]>) {
  const steps = Object.entries(edges).map(([id, dependsOn]) => ({ id, tool: 't', dependsOn }))
  return plan(defineWorkflow({ name: 'w', steps }))
}

describe('the plan of a workflow', () => {
  it('orders steps behind their dependencies, in stages, whatever the order of declaration', () => {
    const result = graph({ report: ['a', 'b'], a: [], b: ['a'], lone: [] })
    expect(result.stages).toEqual([['a', 'lone'], ['b'], ['report']])
    expect(result.order).toEqual(['a', 'lone', 'b', 'report'])
    expect(result.sinks).toEqual(['report', 'lone'])
    expect([...(result.ancestors.get('report') ?? [])].sort()).toEqual(['a', 'b'])
    expect(result.dependents.get('a')).toEqual(['report', 'b'])
    expect(result.problems).toEqual([])
  })

  it('shows a cycle as the path along which the steps wait for each other', () => {
    const { problems, order } = graph({ behind: ['c'], a: ['c'], b: ['a'], c: ['b'], free: [] })
    expect(problems).toEqual([{ type: 'cycle', path: ['a', 'c', 'b', 'a'] }])
    expect(order).toEqual(['free'])
    expect(problems.map(describeProblem)).toEqual(['steps wait for each other: a → c → b → a'])
  })

  it('shows a step that waits for itself', () => {
    expect(graph({ a: ['a'] }).problems).toEqual([{ type: 'cycle', path: ['a', 'a'] }])
  })

  it('tells a duplicate id, an unknown dependency and too many steps apart', () => {
    const steps = Array.from({ length: 101 }, (_, index) => ({ id: `s${index}`, tool: 't' }))
    const workflow = defineWorkflow({
      name: 'w',
      steps: [...steps, { id: 's0', tool: 't' }, { id: 'x', tool: 't', dependsOn: ['nobody'] }],
    })
    expect(plan(workflow).problems).toEqual([
      { type: 'too_many_steps', count: 103 },
      { type: 'duplicate', step: 's0' },
      { type: 'unknown_dependency', step: 'x', dependency: 'nobody' },
    ])
  })

  it('counts a dependency that is named twice once', () => {
    expect(graph({ a: [], b: ['a', 'a'] }).dependencies.get('b')).toEqual(['a'])
  })
})
