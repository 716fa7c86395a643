import { jsonSchema } from './schema/json-schema.ts'
import { constants, deref, type JsonSchema, variants } from './schema/shape.ts'
import { UNBUILT } from './unbuilt.ts'

/** Of blocks that contain themselves. */
const MAX_DEPTH = 4

const INTRODUCTION = `# Configuration

<!-- Generated from the schema by \`npm run docs\`; do not edit. -->

A configuration file is YAML or JSON. Unknown keys are errors. Times are written as \`30s\`, \`1m30s\` or
\`1.5h\`. The JSON Schema beside this page, also printed by \`vmcp schema\`, lets editors complete and check the file.

Keys in the older spelling (\`incoming_auth\`, \`group\`) are read too, with a note that names today's key.
Keys marked *not yet* are checked, and then refused by name.
`

/** The reference page, in Markdown. */
export function renderReference(): string {
  const root = jsonSchema()
  const seen = new Map<string, string>()
  const blocks = Object.entries(root.properties ?? {}).flatMap(([key, node]) =>
    sections({ root, seen }, node, key),
  )
  const top: Section = { title: 'Top level', intro: '', path: '', node: root }
  return [INTRODUCTION, ...[top, ...blocks].map((section) => renderSection(root, section))].join('\n')
}

interface Page {
  readonly root: JsonSchema
  /** Alternatives that have their sections, with the path they stand under. */
  readonly seen: Map<string, string>
}

interface Section {
  readonly title: string
  readonly intro: string
  readonly path: string
  readonly node: JsonSchema
}

/** A section for every block with keys of its own, outermost first. */
function sections(page: Page, node: JsonSchema, path: string): Section[] {
  if (node.$ref !== undefined && path.split('.').length > MAX_DEPTH) return []
  const own = deref(page.root, node)
  if (own.items) return sections(page, describedBy(own, own.items), `${path}[]`)
  if (typeof own.additionalProperties === 'object') {
    return sections(page, describedBy(own, own.additionalProperties), `${path}.<name>`)
  }
  return own.oneOf
    ? alternatives(page, own, path)
    : keysOf(page, own, { path, kind: '', intro: own.description ?? '' })
}

function alternatives(page: Page, node: JsonSchema, path: string): Section[] {
  const identity = JSON.stringify(node.oneOf)
  const intro = node.description ?? ''
  const known = page.seen.get(identity)
  if (known !== undefined) {
    return [{ title: `\`${path}\``, intro: `${intro} The same keys as under \`${known}\`.`, path, node: {} }]
  }
  page.seen.set(identity, path)
  return variants(page.root, node).flatMap((variant) =>
    keysOf(page, variant, { path, kind: kindOf(variant), intro }),
  )
}

function keysOf(
  page: Page,
  node: JsonSchema,
  { path, kind, intro }: { path: string; kind: string; intro: string },
): Section[] {
  const members = Object.entries(node.properties ?? {})
  if (members.length === 0) return []
  const inner = members.flatMap(([key, child]) => sections(page, child, `${path}.${key}`))
  return [{ title: `\`${path}\`${kind}`, intro, path, node }, ...inner]
}

function describedBy(outer: JsonSchema, inner: JsonSchema): JsonSchema {
  return inner.description !== undefined || outer.description === undefined
    ? inner
    : { ...inner, description: outer.description }
}

function kindOf(variant: JsonSchema): string {
  const [constant] = constants(variant)
  return constant === undefined
    ? ''
    : ` with ${constant[0]} ${constant[1].map((value) => `\`${value}\``).join(' or ')}`
}

function renderSection(root: JsonSchema, { title, intro, path, node }: Section): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, child]) =>
    renderRow(root, { node, path, key, child }),
  )
  const table = rows.length > 0 ? ['| Key | Type | Default | |', '|---|---|---|---|', ...rows, ''] : []
  const lines = [
    `## ${title}${isUnbuilt(path) ? ' (not yet)' : ''}`,
    '',
    ...(intro ? [intro, ''] : []),
    ...table,
  ]
  return lines.join('\n')
}

interface Row {
  readonly node: JsonSchema
  readonly path: string
  readonly key: string
  readonly child: JsonSchema
}

function renderRow(root: JsonSchema, { node, path, key, child }: Row): string {
  const full = path === '' ? key : `${path}.${key}`
  const required = node.required?.includes(key) ? 'required' : ''
  const fallback = child.default === undefined ? required : `\`${JSON.stringify(child.default)}\``
  const notYet = isUnbuilt(full) && !isUnbuilt(path) ? '*Not yet.* ' : ''
  const cells = [
    `\`${key}\``,
    typeOf(root, child),
    fallback,
    `${notYet}${child.description ?? ''}${unbuiltValues(full, child)}`,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** Whether the block, or one that it lies in, is refused whatever is in it. */
function isUnbuilt(path: string): boolean {
  const pattern = patternOf(path)
  return UNBUILT.some(({ at, is }) => is === undefined && (pattern === at || pattern.startsWith(`${at}.`)))
}

function unbuiltValues(path: string, { const: only }: JsonSchema): string {
  const values = UNBUILT.filter(
    ({ at, is }) => at === patternOf(path) && is !== undefined && (only ?? is) === is,
  )
  return values.length === 0 ? '' : ` *Not yet: ${values.map(({ is }) => `\`${is}\``).join(', ')}.*`
}

function patternOf(path: string): string {
  return path.replaceAll('[]', '.*').replaceAll('<name>', '*')
}

function typeOf(root: JsonSchema, node: JsonSchema): string {
  const own = deref(root, node)
  if (own.const !== undefined) return `\`${own.const}\``
  if (own.enum) return own.enum.map((value) => `\`${JSON.stringify(value).slice(1, -1) || '""'}\``).join(', ')
  if (own.items) return `list of ${typeOf(root, own.items)}`
  if (own.oneOf) return 'block'
  if (own.anyOf) return own.anyOf.map((option) => typeOf(root, option)).join(' or ')
  if (own.type === 'object')
    return typeof own.additionalProperties === 'object' && !own.properties ? 'map' : 'block'
  if (own.pattern?.includes('ns|us')) return 'duration'
  if (own.format === 'uri') return 'URL'
  const types = typeof own.type === 'string' ? [own.type] : (own.type ?? ['any'])
  return rangeOf(own, types.map((type) => TYPE_WORDS[type] ?? type).join(' or '))
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
}

function rangeOf({ minimum, maximum }: JsonSchema, type: string): string {
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (minimum === undefined || minimum < 0) return type
  return most === undefined ? `${type}, at least ${minimum}` : `${type}, ${minimum} to ${most}`
}
