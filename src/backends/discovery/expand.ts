import type { Env } from './discovery.ts'

/** What a configuration's variables stand for besides the environment. */
export interface Surroundings {
  readonly env: Env
  readonly workspaceFolder: string
}

/** `failed` is the variable as it is written, with the sentence that says why nothing can stand for it. */
export interface Expansion {
  readonly text: string
  readonly failed: readonly { readonly variable: string; readonly why: string }[]
}

const VARIABLE = /\$\{([^{}]*)\}/g
const NAME = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)$/

const INPUT = 'the editor would ask for it; write the name of an environment variable instead'
const UNKNOWN = 'expected VAR, env:VAR, VAR:-default, workspaceFolder or userHome between the braces'

/** Expands `${VAR}`, `${env:VAR}`, `${VAR:-default}` and the folders that editors know. */
export function expand(text: string, around: Surroundings): Expansion {
  const failed: { variable: string; why: string }[] = []
  const expanded = text.replace(VARIABLE, (variable, inner: string) => {
    const value = lookUp(inner, around)
    if (typeof value === 'string') return value
    failed.push({ variable, why: value.why })
    return variable
  })
  return { text: expanded, failed }
}

function lookUp(inner: string, around: Surroundings): string | { readonly why: string } {
  if (inner === 'workspaceFolder') return around.workspaceFolder
  if (inner === 'userHome') return around.env['HOME'] ?? { why: 'HOME is not set' }
  if (inner.startsWith('input:')) return { why: INPUT }
  const [spelled = '', fallback] = splitDefault(inner)
  const name = NAME.exec(spelled)?.[1]
  if (name === undefined) return { why: UNKNOWN }
  const value = around.env[name]
  // As in a shell, `:-` also stands in for an empty value.
  if (fallback !== undefined) return value || fallback
  return value ?? { why: `environment variable ${name} is not set` }
}

function splitDefault(inner: string): [string, string | undefined] {
  const at = inner.indexOf(':-')
  return at < 0 ? [inner, undefined] : [inner.slice(0, at), inner.slice(at + 2)]
}
