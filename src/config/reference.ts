import { jsonSchema } from './schema/json-schema.ts'
import { deref, type JsonSchema, variants } from './schema/shape.ts'
import { UNBUILT } from './unbuilt.ts'

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
  const blocks = Object.entries(root.properties ?? {}).flatMap(([key, node]) => sections(root, node, key))
  const top: Section = { title: 'Top level', intro: '', path: '', node: root }
  return `${[INTRODUCTION, ...[top, ...blocks].map((section) => renderSection(root, section))].join('\n')}`
}

interface Section {
  readonly title: string
  readonly intro: string
  readonly path: string
  readonly node: JsonSchema
}

/** A section for every block with keys of its own, outermost first. */
function sections(root: JsonSchema, node: JsonSchema, path: string): Section[] {
  if (node.$ref !== undefined && path.split('.').length > 4) return []
  const own = deref(root, node)
  if (own.items) return sections(root, describedBy(own, own.items), `${path}[]`)
  if (typeof own.additionalProperties === 'object') {
    return sections(root, describedBy(own, own.additionalProperties), `${path}.<name>`)
  }
  return variants(root, own).flatMap((variant) => {
    if (variant.properties === undefined) return []
    const inner = Object.entries(variant.properties).flatMap(([key, child]) =>
      sections(root, child, `${path}.${key}`),
    )
    const kind = own.oneOf ? kindOf(variant) : ''
    const intro = variant.description ?? own.description ?? ''
    return [{ title: `\`${path}\`${kind}`, intro, path, node: variant }, ...inner]
  })
}

function describedBy(outer: JsonSchema, inner: JsonSchema): JsonSchema {
  return inner.description !== undefined || outer.description === undefined
    ? inner
    : { ...inner, description: outer.description }
}

function kindOf(variant: JsonSchema): string {
  const fixed = Object.entries(variant.properties ?? {}).find(
    ([key]) => key === 'type' || key === 'transport',
  )
  const transport = variant.properties?.['transport']
  const [key, node] = transport ? ['transport', transport] : (fixed ?? ['', {}])
  const values = node.const === undefined ? (node.enum ?? []) : [node.const]
  return ` with ${key} ${values.map((value) => `\`${value}\``).join(' or ')}`
}

function renderSection(root: JsonSchema, { title, intro, path, node }: Section): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, child]) =>
    renderRow(root, { node, path, key, child }),
  )
  const heading = path === '' ? `## ${title}` : `## ${title}${isUnbuilt(path) ? ' (not yet)' : ''}`
  return [
    heading,
    '',
    ...(intro ? [intro, ''] : []),
    '| Key | Type | Default | |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
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
  const notYet = isUnbuilt(full) ? '*Not yet.* ' : ''
  const cells = [`\`${key}\``, typeOf(root, child), fallback, notYet + (child.description ?? '')]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function isUnbuilt(path: string): boolean {
  const pattern = path.replaceAll('[]', '.*').replaceAll('<name>', '*')
  return UNBUILT.some(({ at, is }) => is === undefined && at === pattern)
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
  return rangeOf(
    own,
    { string: 'text', integer: 'whole number', boolean: 'true or false' }[own.type ?? ''] ??
      own.type ??
      'any',
  )
}

function rangeOf({ minimum, maximum }: JsonSchema, type: string): string {
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (minimum === undefined || minimum < 0) return type
  return most === undefined ? `${type}, at least ${minimum}` : `${type}, ${minimum} to ${most}`
}
