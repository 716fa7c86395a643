import type { Catalog, JsonObject, ToolItem } from '../../core/catalog.ts'
import type { OptimizerConfig } from '../../core/optimizer.ts'

export const FIND_TOOL = 'find_tool'
export const CALL_TOOL = 'call_tool'
/** Where the two tools come from, in the place of a backend's name. */
export const OPTIMIZER = '(optimizer)'

/** Of servers that are named, and of the tools of one that are named for example. */
const MOST_SERVERS = 40
const EXAMPLES = 4
const LONGEST_WORD_OF_A_SERVER = 160

/** What a server says of itself, in a few words; `undefined` where it says nothing. */
export type About = (backend: string) => string | undefined

/** `find_tool` over one catalogue: its description says what is there to be found. */
export function findTool(catalog: Catalog, about: About, { maxTools, detail }: OptimizerConfig): ToolItem {
  const servers = serversOf(catalog)
  const lines = [...servers].slice(0, MOST_SERVERS).map(([name, tools]) => `- ${lineOf(name, tools, about)}`)
  const left = servers.size - lines.length
  const description = [
    `Finds tools by what you want to do. ${catalog.tools.length} tools are not listed and are there to be found ` +
      `and called with ${CALL_TOOL}; each search returns at most ${maxTools}, the best first.`,
    ...(lines.length > 0 ? [`They are of these servers:\n${lines.join('\n')}`] : []),
    ...(left > 0 ? [`and of ${left} more.`] : []),
  ].join('\n')
  const names = [...servers.keys()]
  const server = {
    type: 'string',
    description: 'Search only the tools of this server',
    ...(names.length > 0 && names.length <= MOST_SERVERS && { enum: names }),
  }
  return itemOf(FIND_TOOL, {
    name: FIND_TOOL,
    title: 'Find tools',
    description,
    inputSchema: {
      type: 'object',
      properties: {
        tool_description: {
          type: 'string',
          description: 'What the tool is to do, in a sentence or several; name each thing that is to be done',
        },
        tool_keywords: {
          type: 'array',
          items: { type: 'string' },
          description: 'Words that the tool is likely to have in its name or description',
        },
        server,
        detail: {
          type: 'string',
          enum: ['name', 'summary', 'full'],
          default: detail,
          description: 'How much of each tool to return; full has the schema of its parameters',
        },
      },
      required: ['tool_description'],
    },
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  })
}

/** `call_tool`, which is the same over every catalogue. */
export const CALL_TOOL_ITEM: ToolItem = itemOf(CALL_TOOL, {
  name: CALL_TOOL,
  title: 'Call a tool',
  description: `Calls a tool that ${FIND_TOOL} has found, and returns its result.`,
  inputSchema: {
    type: 'object',
    properties: {
      tool_name: { type: 'string', description: `The name of the tool, as ${FIND_TOOL} returned it` },
      parameters: { type: 'object', description: 'Its arguments, as its inputSchema says' },
    },
    required: ['tool_name', 'parameters'],
  },
})

function itemOf(name: string, definition: JsonObject): ToolItem {
  return { kind: 'tool', name, origin: { backend: OPTIMIZER, name }, definition, hidden: false }
}

function serversOf({ tools }: Catalog): Map<string, string[]> {
  const servers = new Map<string, string[]>()
  for (const { origin, name } of tools) {
    const names = servers.get(origin.backend)
    if (names === undefined) servers.set(origin.backend, [name])
    else names.push(name)
  }
  return new Map([...servers].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function lineOf(name: string, tools: readonly string[], about: About): string {
  const words = about(name)?.replaceAll(/\s+/g, ' ').trim()
  const count = tools.length === 1 ? '1 tool' : `${tools.length} tools`
  if (words) return `${name} (${count}): ${cut(words, LONGEST_WORD_OF_A_SERVER)}`
  const others = tools.length > EXAMPLES ? ' …' : ''
  return `${name} (${count}): ${tools.slice(0, EXAMPLES).join(', ')}${others}`
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
