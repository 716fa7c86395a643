import type { Finding } from '../diagnostics.ts'
import type { Entry, MapTree, Tree } from '../parse/tree.ts'
import type { Path } from '../path.ts'

/** How one block of the configuration was once spelled. Keys that no table names are left as they are. */
export interface Block {
  /** Changes of shape, while the keys are as they were written. */
  readonly prepare?: (tree: Tree, path: Path) => Reshaped
  /** Old key → today's. */
  readonly renamed?: Readonly<Record<string, string>>
  /** What lies below, by today's key. */
  readonly blocks?: Readonly<Record<string, Block>>
  /** What every item of a list, or every value of a map of the user's names, looks like. */
  readonly each?: Block
  /** Changes of shape, after the keys are in today's spelling. */
  readonly reshape?: (tree: Tree, path: Path) => Reshaped
}

export interface Reshaped {
  readonly tree: Tree
  readonly findings: readonly Finding[]
}

/** Today's keys under their snake_case names. */
export function snake(...keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.map((key) => [key.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`), key]),
  )
}

/** Today's keys written without capitals. */
export function lowered(...keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key.toLowerCase(), key]))
}

/** Brings a tree into today's spelling. Positions stay those of the file. */
export function applyBlock(tree: Tree, block: Block, path: Path = []): Reshaped {
  const given = block.prepare?.(tree, path) ?? { tree, findings: [] }
  const renamed = given.tree.kind === 'map' ? renameKeys(given.tree, block, path) : { ...given, findings: [] }
  const below = descend(renamed.tree, block, path)
  const reshaped = block.reshape?.(below.tree, path) ?? { tree: below.tree, findings: [] }
  return {
    tree: reshaped.tree,
    findings: [...given.findings, ...renamed.findings, ...below.findings, ...reshaped.findings],
  }
}

function renameKeys(tree: MapTree, block: Block, path: Path): Reshaped {
  const table = block.renamed
  if (table === undefined) return { tree, findings: [] }
  const taken = new Set(tree.entries.map(({ key }) => key))
  const findings: Finding[] = []
  const entries: Entry[] = []
  for (const entry of tree.entries) {
    const today = Object.hasOwn(table, entry.key) ? table[entry.key] : undefined
    if (today === undefined) entries.push(entry)
    else if (taken.has(today)) findings.push(bothSpellings(entry.key, today, path))
    else {
      taken.add(today)
      entries.push({ ...entry, key: today })
      findings.push(oldSpelling(entry.key, today, path))
    }
  }
  return { tree: { ...tree, entries }, findings }
}

function oldSpelling(old: string, today: string, path: Path): Finding {
  const message = `the key ${old} is now ${today}`
  return { severity: 'deprecated', path: [...path, today], part: 'key', message }
}

function bothSpellings(old: string, today: string, path: Path): Finding {
  const message = `given twice, as ${today} and as ${old}`
  return { severity: 'error', path: [...path, today], part: 'key', message, hint: `keep ${today}` }
}

function descend(tree: Tree, block: Block, path: Path): Reshaped {
  const findings: Finding[] = []
  const convert = (child: Tree, key: string | number): Tree => {
    const inner =
      typeof key === 'string' && block.blocks && Object.hasOwn(block.blocks, key) && block.blocks[key]
    const table = inner || block.each
    if (!table) return child
    const converted = applyBlock(child, table, [...path, key])
    findings.push(...converted.findings)
    return converted.tree
  }
  return { tree: mapChildren(tree, convert), findings }
}

function mapChildren(tree: Tree, convert: (child: Tree, key: string | number) => Tree): Tree {
  switch (tree.kind) {
    case 'leaf':
      return tree
    case 'list':
      return { ...tree, items: tree.items.map(convert) }
    case 'map':
      return {
        ...tree,
        entries: tree.entries.map((entry) => ({ ...entry, value: convert(entry.value, entry.key) })),
      }
  }
}
