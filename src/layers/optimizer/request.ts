import { GatewayError } from '../../core/errors.ts'
import type { ToolDetail } from '../../core/optimizer.ts'
import { RawObject as Raw, type RawObject } from '../../core/raw.ts'
import { CALL_TOOL, FIND_TOOL } from './definitions.ts'

/** What `find_tool` is asked. */
export interface Search {
  readonly description: string
  readonly keywords: readonly string[]
  readonly server: string | undefined
  readonly detail: ToolDetail | undefined
}

/** What `call_tool` is to call. `params` are those of the call itself. */
export interface Target {
  readonly name: string
  readonly params: RawObject
}

/** A sentence on what is wrong, for the model to mend. */
export type Wrong = { readonly wrong: string }

const DETAILS: readonly unknown[] = ['name', 'summary', 'full']
const MOST_KEYWORDS = 50

export function readSearch(params: RawObject): Search | Wrong {
  const args = params.object('arguments')?.parse() ?? {}
  const { tool_description: description = '', tool_keywords: keywords = [], server, detail } = args
  if (typeof description !== 'string') return wrong(`${FIND_TOOL}: tool_description must be text`)
  if (!isTexts(keywords)) return wrong(`${FIND_TOOL}: tool_keywords must be a list of texts`)
  if (description.trim() === '' && keywords.length === 0)
    return wrong(`${FIND_TOOL} needs tool_description: what the tool is to do`)
  if (server !== undefined && typeof server !== 'string')
    return wrong(`${FIND_TOOL}: server must be the name of a server`)
  if (detail !== undefined && !DETAILS.includes(detail))
    return wrong(`${FIND_TOOL}: detail must be one of ${DETAILS.join(', ')}`)
  return {
    description,
    keywords: keywords.slice(0, MOST_KEYWORDS),
    server,
    detail: detail as ToolDetail | undefined,
  }
}

/**
 * The call in the call. Models write it in more ways than one: the name may be among the parameters, the parameters
 * may be beside the name, or JSON in a text.
 */
export function readTarget(params: RawObject): Target | Wrong {
  const args = params.object('arguments') ?? Raw.empty
  const parameters = parametersOf(args)
  if (parameters === undefined) return wrong(`${CALL_TOOL}: parameters must be an object`)
  const name = args.value('tool_name') ?? parameters.value('tool_name')
  if (typeof name !== 'string' || name === '')
    return wrong(`${CALL_TOOL} needs tool_name: the name of a tool that ${FIND_TOOL} has found`)
  const own = args.has('tool_name') ? parameters : parameters.without(['tool_name'])
  return { name, params: params.with({ name: JSON.stringify(name), arguments: own.toString() }) }
}

function parametersOf(args: RawObject): RawObject | undefined {
  if (!args.has('parameters')) return args.without(['tool_name'])
  const written = args.value('parameters')
  if (written === null) return Raw.empty
  if (typeof written !== 'string') return args.object('parameters')
  try {
    return Raw.scan(Buffer.from(written))
  } catch (error) {
    if (error instanceof GatewayError) return undefined
    throw error
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((it) => typeof it === 'string')
}

function wrong(sentence: string): Wrong {
  return { wrong: sentence }
}
