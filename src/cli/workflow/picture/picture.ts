import type { Outline, OutlineStep } from '../../../workflows/outline.ts'
import { labelOf } from '../labels.ts'
import { Canvas, type Pen } from './canvas.ts'
import { layOut, middle, type Node } from './layout.ts'
import { type Lines, linesBetween } from './lines.ts'

/** Of the text in boxes, the most that is tried first. */
const WIDTHS = [44, 32, 24, 18, 14]
const PADDING = 2

/**
 * The steps as boxes, from top to bottom, each below what it waits for; those with a condition have broken sides.
 * `undefined` where it does not fit into so many columns.
 */
export function picture(outline: Outline, pen: Pen, columns: number): string | undefined {
  for (const width of WIDTHS) {
    const drawn = draw(outline, pen, width)
    if (Math.max(...drawn.split('\n').map((line) => [...line].length)) <= columns) return drawn
  }
  return undefined
}

interface Box {
  readonly lines: readonly string[]
  readonly dashed: boolean
}

function draw({ steps, waves }: Outline, pen: Pen, width: number): string {
  const boxes = new Map(steps.map((step) => [step.id, boxOf(step, pen, width)]))
  const rows = layOut({
    rows: waves,
    needs: new Map(steps.map(({ id, dependsOn }) => [id, dependsOn])),
    widths: new Map([...boxes].map(([id, { lines }]) => [id, widest(lines) + 2 * PADDING])),
  })
  const canvas = new Canvas(pen)
  let [top, owner] = [0, 0]
  for (const [at, row] of rows.entries()) {
    const height = Math.max(...row.map(({ id = '' }) => (boxes.get(id)?.lines.length ?? 0) + 2))
    const next = rows[at + 1]
    const lines = next && linesBetween(row, next, owner + row.length)
    for (const [index, node] of row.entries())
      drawNode(canvas, node, { box: boxes.get(node.id ?? ''), top, height, pen, owner: owner + index })
    if (lines !== undefined) drawLines(canvas, lines, { top: top + height, pen })
    owner += 2 * row.length
    top += height + (lines?.height ?? 0)
  }
  return canvas.toString()
}

function drawLines(canvas: Canvas, lines: Lines, { top, pen }: { top: number; pen: Pen }): void {
  lines.draw(canvas, top)
  for (const { x, node } of lines.arrivals)
    if (node.id !== undefined) canvas.text(x, top + lines.height - 1, pen.arrow)
}

interface Frame {
  readonly box: Box | undefined
  readonly top: number
  /** Of the whole row. */
  readonly height: number
  readonly pen: Pen
  readonly owner: number
}

function drawNode(canvas: Canvas, node: Node, frame: Frame): void {
  const { box, top, height, owner } = frame
  const end = top + height - 1
  if (box === undefined) canvas.vertical(node.x, { from: top, to: end }, owner)
  else {
    const bottom = top + box.lines.length + 1
    drawBox(canvas, node, { ...frame, box })
    if (node.below.length > 0 && bottom < end)
      canvas.vertical(middle(node), { from: bottom + 1, to: end }, owner)
  }
}

function drawBox(canvas: Canvas, node: Node, { box, top, pen }: Frame & { readonly box: Box }): void {
  const [leftTop, rightTop, leftBottom, rightBottom, across, down, dashes, dots] = pen.box
  const edge = String(box.dashed ? dashes : across).repeat(node.width - 2)
  const side = box.dashed ? dots : down
  const bottom = top + box.lines.length + 1
  canvas.text(node.x, top, `${leftTop}${edge}${rightTop}`)
  for (const [at, line] of box.lines.entries()) {
    const padded = line + ' '.repeat(node.width - 2 * PADDING - [...line].length)
    canvas.text(node.x, top + 1 + at, `${side} ${padded} ${side}`)
  }
  canvas.text(node.x, bottom, `${leftBottom}${edge}${rightBottom}`)
  if (node.below.length > 0) canvas.text(middle(node), bottom, pen.outlet)
}

function boxOf(step: OutlineStep, pen: Pen, width: number): Box {
  const lines = labelOf(step).map((line) => cut(line.replaceAll('×', pen.times), width, pen))
  return { lines, dashed: step.condition !== undefined }
}

function cut(line: string, width: number, { more }: Pen): string {
  const letters = [...line]
  return letters.length <= width ? line : letters.slice(0, width - more.length).join('') + more
}

function widest(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => [...line].length))
}
