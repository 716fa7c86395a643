/** A box of a picture, or a place where a line passes through a row of boxes: one column wide, without an id. */
export interface Node {
  readonly id: string | undefined
  readonly width: number
  /** The column where it begins. */
  x: number
  readonly above: Node[]
  readonly below: Node[]
}

export interface Graph {
  /** Ids of those that need none of each other, row by row. */
  readonly rows: readonly (readonly string[])[]
  readonly needs: ReadonlyMap<string, readonly string[]>
  readonly widths: ReadonlyMap<string, number>
}

const GAP = 3
const SWEEPS = 4

/** Every node in its row and column. Lines lead from one row to the next only. */
export function layOut(graph: Graph): readonly (readonly Node[])[] {
  const rows = arrange(connect(graph))
  for (const row of rows) place(row)
  const left = Math.min(...rows.flat().map(({ x }) => x))
  for (const node of rows.flat()) node.x -= left
  return rows
}

export function middle({ x, width }: Node): number {
  return x + (width >> 1)
}

/** Lines that pass a row get a node in it. Those with one source share their nodes. */
function connect({ rows, needs, widths }: Graph): Node[][] {
  const nodes = new Map<string, Node>()
  const placed = rows.map((ids) =>
    ids.map((id) => {
      const node = { id, width: widths.get(id) ?? 1, x: 0, above: [], below: [] }
      nodes.set(id, node)
      return node as Node
    }),
  )
  const passing = new Map<string, Node>()
  for (const [at, ids] of rows.entries()) {
    for (const id of ids) {
      for (const need of needs.get(id) ?? []) {
        const source = rows.findIndex((row) => row.includes(need))
        let upper = nodes.get(need) as Node
        for (let row = source + 1; row < at; row++) {
          const key = `${row} ${need}`
          const known = passing.get(key)
          const next = known ?? { id: undefined, width: 1, x: 0, above: [], below: [] }
          if (known === undefined) {
            passing.set(key, next)
            placed[row]?.push(next)
            join(upper, next)
          }
          upper = next
        }
        join(upper, nodes.get(id) as Node)
      }
    }
  }
  return placed
}

function join(upper: Node, lower: Node): void {
  upper.below.push(lower)
  lower.above.push(upper)
}

/** Puts nodes near those that they are joined to, and keeps the order with the fewest crossings. */
function arrange(rows: Node[][]): Node[][] {
  let best = rows.map((row) => [...row])
  let fewest = crossings(rows)
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const downwards = sweep % 2 === 0
    const neighbours = (node: Node) => (downwards ? node.above : node.below)
    for (let i = 1; i < rows.length; i++) {
      const at = downwards ? i : rows.length - 1 - i
      const fixed = rows[downwards ? at - 1 : at + 1] as Node[]
      rows[at] = byMean(rows[at] as Node[], (node) => neighbours(node).map((it) => fixed.indexOf(it)))
    }
    const now = crossings(rows)
    if (now < fewest) {
      fewest = now
      best = rows.map((row) => [...row])
    }
  }
  return best
}

function byMean(row: readonly Node[], positions: (node: Node) => number[]): Node[] {
  const means = new Map(
    row.map((node, at) => {
      const found = positions(node)
      return [node, found.length === 0 ? at : mean(found)]
    }),
  )
  return row.toSorted((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0))
}

function crossings(rows: readonly (readonly Node[])[]): number {
  let count = 0
  for (const [at, row] of rows.entries()) {
    const lower = rows[at + 1] ?? []
    const lines = row.flatMap((node, from) => node.below.map((it) => [from, lower.indexOf(it)] as const))
    for (const [i, [from, to]] of lines.entries()) {
      for (const [other, there] of lines.slice(i + 1)) if ((from - other) * (to - there) < 0) count++
    }
  }
  return count
}

/** Beneath what it comes from where there is room; else as near as may be. */
function place(row: readonly Node[]): void {
  const wanted = row.map((node) =>
    node.above.length === 0 ? 0 : Math.round(mean(node.above.map(middle))) - (node.width >> 1),
  )
  let free = Number.NEGATIVE_INFINITY
  for (const [at, node] of row.entries()) {
    node.x = Math.max(free, wanted[at] ?? 0)
    free = node.x + node.width + GAP
  }
  const shift = Math.round(mean(row.map(({ x }, at) => x - (wanted[at] ?? 0))))
  for (const node of row) node.x -= shift
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
