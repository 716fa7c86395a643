import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { GatewayError } from '../../core/errors.ts'

/** A JSON text with comments and trailing commas, and where in it things stand. */
export class JsonText {
  readonly path: string
  readonly text: string
  readonly root: Node

  /** @throws GatewayError `config` with the place of every mistake */
  constructor(path: string, text: string) {
    this.path = path
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text
    const errors: ParseError[] = []
    const root = parseTree(this.text, errors, { allowTrailingComma: true })
    if (errors.length > 0 || root === undefined) throw this.#unreadable(errors)
    this.root = root
  }

  /** `file:line:column`, counted from 1. */
  at(offset: number): string {
    const before = this.text.slice(0, offset).split('\n')
    return `${this.path}:${before.length}:${(before.at(-1) ?? '').length + 1}`
  }

  #unreadable(errors: readonly ParseError[]): GatewayError {
    const lines = errors.slice(0, 10).map(({ error, offset }) => `${this.at(offset)}: ${spoken(error)}`)
    return new GatewayError('config', lines.join('\n') || `${this.path}: is empty`)
  }
}

/** `PropertyNameExpected` as words. */
function spoken(code: number): string {
  return printParseErrorCode(code)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
}

/** The members of an object, the last of equal keys first served, as in JSON.parse. */
export function membersOf(node: Node): Map<string, Node> {
  const members = new Map<string, Node>()
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? []
    if (key !== undefined && value !== undefined) members.set(String(key.value), value)
  }
  return members
}
