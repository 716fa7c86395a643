import type { JsonObject, ToolItem } from '../../core/catalog.ts'

/**
 * What a composite tool may say of itself follows from the tools that its steps call. A hint that is absent
 * counts as MCP says (2025-11-25, schema: ToolAnnotations): not read-only, destructive, open to the world.
 */
interface Hint {
  readonly name: string
  /** What a client may rely on. */
  readonly promise: boolean
  readonly keeps: (tool: JsonObject) => boolean
  /** Of a tool that does not keep it. */
  readonly otherwise: string
}

const HINTS: readonly Hint[] = [
  {
    name: 'readOnlyHint',
    promise: true,
    keeps: ({ readOnlyHint }) => readOnlyHint === true,
    otherwise: 'does not say that it changes nothing',
  },
  {
    name: 'destructiveHint',
    promise: false,
    // What changes nothing destroys nothing, unless it says otherwise.
    keeps: ({ readOnlyHint, destructiveHint = readOnlyHint !== true }) => destructiveHint === false,
    otherwise: 'does not say that it destroys nothing',
  },
  {
    name: 'openWorldHint',
    promise: false,
    keeps: ({ openWorldHint }) => openWorldHint === false,
    otherwise: 'does not say that it stays in a closed world',
  },
]

/** The annotations of a composite tool: those that its author wrote, and else what is known. */
export function annotationsOf(written: JsonObject, tools: readonly ToolItem[]): JsonObject {
  const derived = HINTS.map(({ name, promise, keeps }) => {
    const kept = tools.every((tool) => keeps(hintsOf(tool)))
    return [name, kept ? promise : !promise]
  })
  return { ...Object.fromEntries(derived), idempotentHint: false, ...written }
}

/** What the author promises and the tools do not keep, as sentences. */
export function unkeptPromises(written: JsonObject, tools: readonly ToolItem[]): string[] {
  const broken = HINTS.filter(({ name, promise }) => written[name] === promise).flatMap((hint) => {
    const culprit = tools.find((tool) => !hint.keeps(hintsOf(tool)))
    if (culprit === undefined) return []
    return [`${hint.name}: ${hint.promise} promises too much: '${culprit.name}' ${hint.otherwise}`]
  })
  return written['idempotentHint'] === true
    ? [...broken, 'idempotentHint: true promises too much: no order of calls is known to be idempotent']
    : broken
}

function hintsOf({ definition }: ToolItem): JsonObject {
  const { annotations } = definition
  return typeof annotations === 'object' && annotations !== null ? (annotations as JsonObject) : {}
}
