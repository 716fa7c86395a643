/** Ways that lead from a cell to its neighbours. */
const UP = 1
const RIGHT = 2
const DOWN = 4
const LEFT = 8

/** The characters that a picture is made of. */
export interface Pen {
  /** By the ways that a line takes from a cell: the sum of those above. */
  readonly lines: string
  /** Of boxes: left top, right top, left bottom, right bottom, across, down; then the last two interrupted. */
  readonly box: string
  readonly arrow: string
  /** Where a line leaves a box. */
  readonly outlet: string
  readonly more: string
  readonly times: string
}

export const UNICODE: Pen = {
  lines: ' │─└││┌├─┘─┴┐┤┬┼',
  box: '┌┐└┘─│╌┆',
  arrow: '▼',
  outlet: '┬',
  more: '…',
  times: '×',
}

export const ASCII: Pen = {
  lines: ' |-+||++-+-+++++',
  box: '++++-|.:',
  arrow: 'v',
  outlet: '+',
  more: '...',
  times: 'x',
}

interface Cell {
  readonly text?: string
  readonly ways: number
  readonly owner: number
}

/** Text and lines on a grid. Lines of one owner meet; those of two cross. */
export class Canvas {
  readonly #pen: Pen
  readonly #rows: Map<number, Cell>[] = []

  constructor(pen: Pen) {
    this.#pen = pen
  }

  text(x: number, y: number, text: string): void {
    for (const [at, letter] of [...text].entries())
      this.#row(y).set(x + at, { text: letter, ways: 0, owner: -1 })
  }

  /** From above the first row to below the last one, where it is said so. */
  vertical(
    x: number,
    span: { from: number; to: number; above?: boolean; below?: boolean },
    owner: number,
  ): void {
    const { from, to, above = true, below = true } = span
    for (let y = from; y <= to; y++) {
      const ways = (y > from || above ? UP : 0) | (y < to || below ? DOWN : 0)
      this.#draw(x, y, ways, owner)
    }
  }

  horizontal(y: number, { from, to }: { from: number; to: number }, owner: number): void {
    for (let x = from; x <= to; x++) this.#draw(x, y, (x > from ? LEFT : 0) | (x < to ? RIGHT : 0), owner)
  }

  toString(): string {
    return this.#rows.map((row) => this.#line(row)).join('\n')
  }

  /** Of two lines that cross, the one that goes down is drawn whole. */
  #draw(x: number, y: number, ways: number, owner: number): void {
    const row = this.#row(y)
    const known = row.get(x)
    if (known === undefined) row.set(x, { ways, owner })
    else if (known.owner === owner) row.set(x, { ways: known.ways | ways, owner })
    else row.set(x, { ways: UP | DOWN, owner: known.owner })
  }

  #row(y: number): Map<number, Cell> {
    while (this.#rows.length <= y) this.#rows.push(new Map())
    return this.#rows[y] as Map<number, Cell>
  }

  #line(row: Map<number, Cell>): string {
    const width = Math.max(-1, ...row.keys()) + 1
    return Array.from({ length: width }, (_, x) => {
      const cell = row.get(x)
      return cell?.text ?? this.#pen.lines[cell?.ways ?? 0]
    }).join('')
  }
}
