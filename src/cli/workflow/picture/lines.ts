import type { Canvas } from './canvas.ts'
import { middle, type Node } from './layout.ts'

/** Nodes of one row that lead to the very same nodes of the next share their lines. */
interface Bundle {
  readonly index: number
  readonly from: readonly Node[]
  readonly to: readonly Node[]
  /** Where its lines leave and arrive. */
  readonly columns: Set<number>
  readonly arrivals: Set<number>
}

export interface Lines {
  /** How many rows of characters they take. */
  readonly height: number
  /** Where lines arrive, with arrows where they do so at a box. */
  readonly arrivals: readonly { readonly x: number; readonly node: Node }[]
  draw(canvas: Canvas, top: number): void
}

/** The lines from one row of nodes to the next. No two that are not of one bundle share a column. */
export function linesBetween(upper: readonly Node[], lower: readonly Node[], firstOwner: number): Lines {
  const bundles = bundlesOf(upper)
  const arrivals = arrive(bundles, lower)
  const tracks = tracksOf(bundles)
  const rows = Math.max(0, ...[...tracks.values()].map((track) => track + 1))
  const height = Math.max(2, rows + 1)
  return {
    height,
    arrivals,
    draw(canvas, top) {
      for (const bundle of bundles)
        drawBundle(canvas, bundle, {
          top,
          bottom: top + height - 1,
          track: tracks.get(bundle),
          owner: firstOwner + bundle.index,
        })
    },
  }
}

function bundlesOf(upper: readonly Node[]): Bundle[] {
  const byTargets: { to: readonly Node[]; from: Node[] }[] = []
  for (const node of upper) {
    if (node.below.length === 0) continue
    const known = byTargets.find(
      ({ to }) => to.length === node.below.length && node.below.every((it) => to.includes(it)),
    )
    if (known === undefined) byTargets.push({ to: node.below, from: [node] })
    else known.from.push(node)
  }
  return byTargets.map(({ to, from }, index) => ({
    index,
    from,
    to,
    columns: new Set(from.map(middle)),
    arrivals: new Set<number>(),
  }))
}

function arrive(bundles: readonly Bundle[], lower: readonly Node[]): Lines['arrivals'] {
  const taken = new Map(bundles.flatMap((bundle) => [...bundle.columns].map((x) => [x, bundle] as const)))
  return lower.flatMap((node) => {
    const coming = bundles.filter(({ to }) => to.includes(node)).toSorted((a, b) => middleOf(a) - middleOf(b))
    return coming.map((bundle, at) => {
      const wanted = straight(bundle, node, coming) ?? middle(node) + 2 * at - (coming.length - 1)
      const x = nearestFree(wanted, node, (column) => (taken.get(column) ?? bundle) === bundle)
      taken.set(x, bundle)
      bundle.columns.add(x)
      bundle.arrivals.add(x)
      if (node.id === undefined) node.x = x
      return { x, node }
    })
  })
}

/** The column of a line that comes alone and would turn aside by a hair. */
function straight({ from }: Bundle, node: Node, coming: readonly Bundle[]): number | undefined {
  if (coming.length > 1) return undefined
  return from.map(middle).find((x) => Math.abs(x - middle(node)) <= 1)
}

function middleOf({ from }: Bundle): number {
  return from.reduce((sum, node) => sum + middle(node), 0) / from.length
}

/** What passes by a box may move a little to either side; what ends at one stays within it. */
function nearestFree(wanted: number, { id, x, width }: Node, isFree: (column: number) => boolean): number {
  const [least, most] = id === undefined ? [x - 1, x + 1] : [x + 1, x + width - 2]
  for (let away = 0; away <= most - least; away++) {
    for (const column of [wanted - away, wanted + away])
      if (column >= least && column <= most && isFree(column)) return column
  }
  return Math.min(most, Math.max(least, wanted))
}

/** A row of characters for each bundle that goes sideways; those that do not meet share one. */
function tracksOf(bundles: readonly Bundle[]): Map<Bundle, number> {
  const rows: { from: number; to: number }[][] = []
  const tracks = new Map<Bundle, number>()
  for (const bundle of bundles) {
    if (bundle.columns.size < 2) continue
    const span = spanOf(bundle)
    const free = rows.findIndex((row) =>
      row.every(({ from, to }) => span.to + 1 < from || to + 1 < span.from),
    )
    const track = free >= 0 ? free : rows.length
    rows[track] = [...(rows[track] ?? []), span]
    tracks.set(bundle, track)
  }
  return tracks
}

function spanOf({ columns }: Bundle) {
  return { from: Math.min(...columns), to: Math.max(...columns) }
}

interface Place {
  readonly top: number
  readonly bottom: number
  /** Where it goes sideways, counted from the top; `undefined` where it goes straight down. */
  readonly track: number | undefined
  readonly owner: number
}

function drawBundle(canvas: Canvas, bundle: Bundle, { top, bottom, track, owner }: Place): void {
  const turn = track === undefined ? bottom : top + track
  for (const node of bundle.from)
    canvas.vertical(middle(node), { from: top, to: turn, below: track === undefined }, owner)
  if (track === undefined) return
  canvas.horizontal(turn, spanOf(bundle), owner)
  for (const x of bundle.arrivals) canvas.vertical(x, { from: turn, to: bottom, above: false }, owner)
}
