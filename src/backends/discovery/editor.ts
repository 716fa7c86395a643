import { basename, dirname, resolve } from 'node:path'
import type { Node } from 'jsonc-parser'
import type { BackendConfig } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Env, Found } from './discovery.ts'
import { readServer } from './editor-server.ts'
import { readText } from './files.ts'
import { JsonText, membersOf } from './jsonc.ts'
import { isName } from './names.ts'

/** `mcpServers` of Claude and Cursor, `servers` of VS Code. */
const SECTIONS = ['mcpServers', 'servers']
const QUIET_ROOT_KEYS = new Set([...SECTIONS, 'inputs', '$schema'])

/** The JSON files in which editors keep their MCP servers. Of two servers of one name the first is taken. */
export const editor = {
  type: 'editor',
  async discover(files: readonly string[], env: Env): Promise<Found> {
    const backends = new Map<string, BackendConfig>()
    const notes: string[] = []
    for (const file of files) {
      const found = await readFile(resolve(file), env)
      notes.push(...found.notes)
      for (const backend of found.backends) {
        if (backends.has(backend.name))
          notes.push(`${file}: server '${backend.name}' is left out: an earlier one has that name`)
        else backends.set(backend.name, backend)
      }
    }
    return { backends: [...backends.values()], notes }
  },
}

async function readFile(path: string, env: Env): Promise<Found> {
  const text = await readText(path)
  if (text === undefined) throw new GatewayError('config', `${path}: no such file`)
  const json = new JsonText(path, text)
  const root = membersOf(json.root)
  const sections = SECTIONS.flatMap((key) => root.get(key) ?? [])
  if (sections.length === 0 || sections.some(({ type }) => type !== 'object'))
    throw new GatewayError(
      'config',
      `${json.at(json.root.offset)}: expected an object "mcpServers" (Claude, Cursor) or "servers" (VS Code)`,
    )
  const ignored = [...root.keys()].filter((key) => !QUIET_ROOT_KEYS.has(key))
  const found = readServers(json, sections, { env, workspaceFolder: workspaceOf(path) })
  return { ...found, notes: [...ignoredKeys(json, ignored), ...found.notes] }
}

/** Editors start servers in the folder that they have open: the one above `.vscode` or `.cursor`. */
function workspaceOf(path: string): string {
  const folder = dirname(path)
  return ['.vscode', '.cursor'].includes(basename(folder)) ? dirname(folder) : folder
}

function ignoredKeys(json: JsonText, keys: readonly string[]): string[] {
  if (keys.length === 0) return []
  const named = keys.slice(0, 5).join(', ')
  return [`${json.path}: not about servers, ignored: ${named}${keys.length > 5 ? ', …' : ''}`]
}

type Around = Parameters<typeof readServer>[1]['around']

/** Reads all servers before it gives up, so that one run shows every mistake. */
function readServers(json: JsonText, sections: readonly Node[], around: Around): Found {
  const errors: string[] = []
  const notes: string[] = []
  const backends: BackendConfig[] = []
  for (const [spelled, node] of sections.flatMap((section) => [...membersOf(section)])) {
    const name = backendName(spelled)
    if (name !== spelled) notes.push(`${json.at(node.offset)}: server '${spelled}' is served as '${name}'`)
    if (backends.some((other) => other.name === name))
      errors.push(`${json.at(node.offset)}: two servers come out as '${name}'; rename one`)
    const backend = readServer(node, { json, around, name, spelled, errors, notes })
    if (backend !== undefined) backends.push(backend)
  }
  if (errors.length > 0) throw new GatewayError('config', errors.join('\n'))
  return { backends, notes }
}

/** Editors take any name; as part of a tool's name it has to be plainer. */
function backendName(spelled: string): string {
  if (isName(spelled)) return spelled
  const plain = spelled
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63)
  return isName(plain) ? plain : 'server'
}
