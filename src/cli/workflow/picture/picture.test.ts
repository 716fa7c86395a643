import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CompositeStep } from '../../../core/composite.ts'
import { outlineOf } from '../../../workflows/outline.ts'
import { ASCII, type Pen, UNICODE } from './canvas.ts'
import { picture } from './picture.ts'

const step = (id: string, dependsOn: readonly string[] = [], more: object = {}): CompositeStep => ({
  type: 'tool',
  id,
  tool: 'a.b',
  dependsOn,
  ...more,
})
const draw = (steps: readonly CompositeStep[], pen: Pen = UNICODE, columns = Number.POSITIVE_INFINITY) =>
  picture(outlineOf({ name: 'w', description: 'd', steps }), pen, columns)
const lines = (text: string) => text.split('\n').slice(1, -1).join('\n')

const DIAMOND = [step('top'), step('left', ['top']), step('right', ['top']), step('end', ['left', 'right'])]

describe('a picture', () => {
  it('shows steps below those that they wait for', () => {
    expect(draw(DIAMOND)).toBe(
      lines(`
       ┌─────┐
       │ top │
       │ a.b │
       └──┬──┘
    ┌─────┴────┐
    ▼          ▼
┌──────┐   ┌───────┐
│ left │   │ right │
│ a.b  │   │ a.b   │
└───┬──┘   └───┬───┘
    └─────┬────┘
          ▼
       ┌─────┐
       │ end │
       │ a.b │
       └─────┘
`),
    )
  })

  it('is drawn in plain ASCII too, with what has a condition in broken lines', () => {
    const maybe = step('maybe', ['top', 'x'], { condition: '{{ .params.go }}' })
    expect(draw([step('top'), step('x', ['top'], { onError: { action: 'continue' } }), maybe], ASCII)).toBe(
      lines(`
             +-----+
             | top |
             | a.b |
             +--+--+
         +------+-----+
         v            |
+-----------------+   |
| x               |   |
| a.b             |   |
| on error: go on |   |
+--------+--------+   |
         +------+-----+
                v
        +...............+
        : maybe         :
        : a.b           :
        : if .params.go :
        +...............+
`),
    )
  })

  it('is narrower where there is less room, and none where there is too little', () => {
    const wide = step('wide', [], { tool: `backend.${'very_long_name_'.repeat(5)}` })
    const narrow = draw([wide, step('b')], UNICODE, 60) ?? ''
    expect(narrow).toContain('backend.very_long')
    expect(Math.max(...narrow.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(60)
    expect(
      draw(
        Array.from({ length: 20 }, (_, at) => step(`s${at}`)),
        UNICODE,
        80,
      ),
    ).toBeUndefined()
  })

  it('has no line that leads elsewhere than from what a step waits for to it', () => {
    fc.assert(
      fc.property(graphs, (needs) => {
        const steps = needs.map((of, at) => step(`s${at}`, of))
        expect(readBack(draw(steps) ?? '', steps.length)).toEqual(needs.map((of) => [...of].sort()))
      }),
      { numRuns: 300 },
    )
  })
})

/** For each step, those that it waits for, all of them before it. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 9 })
  .map((all) => all.map((some, at) => (at === 0 ? [] : [...new Set(some.map((n) => `s${n % at}`))])))

const UP = '│└├┘┴┤┼┬▼'
const LEFT = '─┘┴┐┤┬┼'
const RIGHT = '─└┌├┴┬┼'

/** What each step waits for as a reader of the picture would say who follows the lines from the arrows upwards. */
function readBack(text: string, count: number): string[][] {
  const grid = text.split('\n').map((line) => [...line])
  const at = (x: number, y: number) => grid[y]?.[x] ?? ' '
  const named = (x: number, y: number) => {
    const row = (grid[y] ?? []).join('')
    return [...row.matchAll(/│ (s\d+)\s*│/g)].find(
      ({ index, 0: all }) => index <= x && x < index + all.length,
    )?.[1]
  }
  const sources = (x: number, y: number, from: 'below' | 'left' | 'right', seen: Set<string>): string[] => {
    const key = `${x} ${y} ${from}`
    if (seen.has(key)) return []
    seen.add(key)
    const owner = from === 'below' && at(x, y) === '┬' ? named(x, y - 2) : undefined
    if (owner !== undefined) return [owner]
    const cell = at(x, y)
    // A line that goes down is drawn whole where another passes beneath it.
    if (cell === '│' && from !== 'below') {
      const next = from === 'left' ? x + 1 : x - 1
      return sources(next, y, from, seen)
    }
    return [
      ...(UP.includes(cell) && cell !== '┬' ? sources(x, y - 1, 'below', seen) : []),
      ...(LEFT.includes(cell) && from !== 'left' ? sources(x - 1, y, 'right', seen) : []),
      ...(RIGHT.includes(cell) && from !== 'right' ? sources(x + 1, y, 'left', seen) : []),
    ]
  }
  const found = new Map<string, Set<string>>()
  for (const [y, row] of grid.entries()) {
    for (const [x, cell] of row.entries()) {
      const id = cell === '▼' ? named(x, y + 2) : undefined
      if (id === undefined) continue
      const all = found.get(id) ?? new Set<string>()
      for (const source of sources(x, y - 1, 'below', new Set())) all.add(source)
      found.set(id, all)
    }
  }
  return Array.from({ length: count }, (_, n) => [...(found.get(`s${n}`) ?? [])].sort())
}
