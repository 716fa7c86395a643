import { access, constants, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GatewayConfig } from '../core/config.ts'
import type { BackendDefaults } from './backend-defaults.ts'
import { checkSchema } from './check-schema.ts'
import type { Diagnostic, Finding } from './diagnostics.ts'
import { bounded, fileError, hasErrors, inFileOrder, locate } from './diagnostics.ts'
import { modernise } from './dialect/index.ts'
import { hasNulls, withoutNulls } from './nulls.ts'
import { MAX_BYTES, parseYaml } from './parse/yaml.ts'
import { child, entries, items, type Place, textAt, wrong } from './place.ts'
import { type PolicyFiles, readPolicyFiles } from './policy-files.ts'
import { resolveConfig } from './resolve.ts'
import { checkRules } from './rules/index.ts'
import { jsonSchema } from './schema/json-schema.ts'
import type { SourceIndex } from './source.ts'
import { createSource } from './source.ts'
import { checkUnbuilt } from './unbuilt.ts'

type Env = Readonly<Record<string, string | undefined>>

export type LoadResult =
  | {
      readonly ok: true
      readonly config: GatewayConfig
      /** For backends that the file does not list: those of the group. */
      readonly defaults: BackendDefaults
      readonly source: SourceIndex
      /** Warnings and deprecations. */
      readonly diagnostics: readonly Diagnostic[]
      /** Further files that it is made from, absolute. */
      readonly files: readonly string[]
    }
  /** At least one of the diagnostics is an error. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** Reads and judges a configuration file. Never throws. `env` is `process.env` unless given. */
export async function loadConfig(file: string, options: { readonly env?: Env } = {}): Promise<LoadResult> {
  const read = await readText(file)
  if (typeof read !== 'string') return { ok: false, diagnostics: [read] }
  const result = parseConfig(read, { ...options, file })
  const policies = await policiesOf(result, file)
  const further = [
    ...(await authServerFile(file)),
    ...(result.ok ? await unreadableFiles(result) : []),
    ...policies.diagnostics,
  ]
  if (further.length === 0) return withPolicies(result, policies)
  return { ok: false, diagnostics: inFileOrder([...result.diagnostics, ...further]) }
}

const NO_FILES: PolicyFiles = { policies: [], diagnostics: [], files: [] }

async function policiesOf(result: LoadResult, file: string): Promise<PolicyFiles> {
  if (!result.ok || result.config.authorization === undefined) return NO_FILES
  return readPolicyFiles({ path: [], value: result.source.value([]) }, file)
}

function withPolicies(result: LoadResult, { policies, files }: PolicyFiles): LoadResult {
  if (!result.ok || result.config.authorization === undefined) return result
  const { authorization } = result.config
  const all = { ...authorization, policies: [...authorization.policies, ...policies] }
  return { ...result, files, config: { ...result.config, authorization: all } }
}

/** Judges the text of a configuration file. Never throws. `env` is `process.env` unless given. */
export function parseConfig(
  text: string,
  options: { readonly file: string; readonly env?: Env },
): LoadResult {
  const { file, env = process.env } = options
  const parsed = parseYaml(text, file)
  if (parsed.tree === undefined) return { ok: false, diagnostics: parsed.diagnostics }
  if (parsed.tree.kind === 'leaf' && parsed.tree.value === null)
    return { ok: false, diagnostics: [fileError(file, 'the file is empty', '`vmcp init` writes one')] }
  const { tree, findings: notes } = modernise(parsed.tree)
  const source = createSource(file, tree)
  const written = source.value([]) ?? {}
  const document = hasNulls(written) ? withoutNulls(written, jsonSchema()) : written
  const { input, findings } = check(document, { env })
  const all = inFileOrder([...parsed.diagnostics, ...locate([...notes, ...findings], source)])
  const diagnostics = bounded(all, file)
  if (input === undefined || hasErrors(diagnostics)) return { ok: false, diagnostics }
  return { ok: true, ...resolveConfig(input, { env }), source, diagnostics, files: [] }
}

function check(document: unknown, context: { readonly env: Env }): ReturnType<typeof checkSchema> {
  const { input, findings } = checkSchema(document)
  const root = { path: [], value: document }
  const further: Finding[] = [...checkRules(root, context), ...checkUnbuilt(root)]
  return { input, findings: [...findings, ...further] }
}

async function readText(file: string): Promise<string | Diagnostic> {
  try {
    const bytes = await readBounded(file)
    if (bytes.length > MAX_BYTES) return fileError(file, `the file is larger than ${MAX_BYTES} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    return fileError(file, `the configuration cannot be read: ${reasonOf(cause)}`)
  }
}

/** At most one byte more than may be. Pipes are read too, which come in pieces. */
async function readBounded(file: string): Promise<Buffer> {
  const handle = await open(file, 'r')
  try {
    const pieces: Buffer[] = []
    for await (const piece of handle.createReadStream({ end: MAX_BYTES, autoClose: false }))
      pieces.push(piece)
    return Buffer.concat(pieces)
  } finally {
    await handle.close()
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8',
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  return REASONS[code ?? ''] ?? code ?? message
}

/** The file beside the configuration that would start an authorization server. */
async function authServerFile(file: string): Promise<Diagnostic[]> {
  const sibling = join(dirname(file), 'authserver-config.yaml')
  if (!(await isReadable(sibling))) return []
  return [
    fileError(
      sibling,
      'the embedded authorization server is not supported by this version of vmcp',
      'move the file away',
    ),
  ]
}

async function unreadableFiles({ source }: Extract<LoadResult, { ok: true }>): Promise<Diagnostic[]> {
  const findings: Finding[] = []
  for (const place of bundlesIn({ path: [], value: source.value([]) })) {
    const file = textAt(place)
    if (file !== undefined && !(await isReadable(file))) findings.push(wrong(place, `cannot read ${file}`))
  }
  return locate(findings, source)
}

/** Wherever certificate authorities are named. */
function bundlesIn(root: Place): Place[] {
  const outgoing = child(root, 'outgoingAuth')
  const strategies = [child(outgoing, 'default'), ...entries(child(outgoing, 'backends')).map(([, it]) => it)]
  const blocks = [
    ...items(child(root, 'backends')),
    child(root, 'incomingAuth', 'oidc'),
    ...strategies.flatMap((strategy) => entries(strategy).map(([, block]) => block)),
  ]
  return blocks.map((block) => child(block, 'caBundlePath'))
}

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  )
}
