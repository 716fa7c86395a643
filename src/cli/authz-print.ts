import { position, type SourceIndex } from '../config/index.ts'
import type { GatewayConfig } from '../core/config.ts'
import { printable } from '../observe/printable.ts'
import type { AuthzAnswer, AuthzQuestion, PolicyRef } from '../operator/authz.ts'
import { ConfigError, EXIT, usageError } from './exit.ts'
import { type GlobalOptions, openLog } from './globals.ts'
import { principalOf, readObject, textOf } from './principal.ts'
import type { Terminal } from './terminal.ts'

export interface AuthzFlags extends GlobalOptions {
  readonly claims?: string
  readonly tool?: string
  readonly prompt?: string
  readonly resource?: string
  readonly args?: string
  readonly annotations?: string
  readonly backend?: string
  readonly connect?: boolean
}

/** Prints a decision. @returns the exit code: failed where it is not allowed for sure */
export async function testAuthz(flags: AuthzFlags, terminal: Terminal): Promise<number> {
  const thing = thingOf(flags)
  const { readSource } = await import('./checks.ts')
  if (flags.config === undefined) throw usageError('--config is to say which policies')
  const { config, diagnostics, source } = await readSource({ config: flags.config })
  if (config === undefined || source === undefined) throw new ConfigError(diagnostics)
  const question: AuthzQuestion = {
    ...thing,
    args: await textOf('--args', flags.args ?? '{}'),
    principal: await principalOf(flags.claims, config),
    annotations:
      flags.annotations === undefined ? undefined : await readObject('--annotations', flags.annotations),
    backend: backendOf(flags, config),
  }
  const answer = await decide(question, { config, flags, terminal })
  if (flags.json === true) terminal.json(jsonOf(answer, { config, source }))
  else print(answer, { config, source, terminal })
  return answer.decision === 'allow' && !answer.hidden ? EXIT.ok : EXIT.failed
}

interface Circumstances {
  readonly config: GatewayConfig
  readonly flags: AuthzFlags
  readonly terminal: Terminal
}

async function decide(
  question: AuthzQuestion,
  { config, flags, terminal }: Circumstances,
): Promise<AuthzAnswer> {
  const { decideConnected, decideOffline } = await import('../operator/authz.ts')
  if (flags.connect !== true) return decideOffline(config, question)
  const { whileConnected } = await import('./connected.ts')
  const log = await openLog(flags, terminal, true)
  return whileConnected({ config, log, terminal }, (running) =>
    decideConnected(running, question, AbortSignal.timeout(60_000)),
  )
}

function thingOf({ tool, prompt, resource }: AuthzFlags): Pick<AuthzQuestion, 'kind' | 'name'> {
  const things = Object.entries({ tool, prompt, resource }).filter(([, name]) => name !== undefined)
  const [[kind, name] = []] = things
  if (things.length !== 1 || kind === undefined || name === undefined)
    throw usageError('exactly one of --tool, --prompt and --resource is to be given')
  return { kind: kind as AuthzQuestion['kind'], name }
}

function backendOf({ backend }: AuthzFlags, { backends }: GatewayConfig): string | undefined {
  if (backend === undefined || backends.some(({ name }) => name === backend)) return backend
  const names = backends.map(({ name }) => name).join(', ')
  throw usageError(`--backend: there is no backend '${backend}'; there are ${names}`)
}

interface Read {
  readonly config: GatewayConfig
  readonly source: SourceIndex
}

function jsonOf({ applied, errors, open, ...rest }: AuthzAnswer, read: Read): object {
  const placed = <T extends PolicyRef>({ offset: _, ...ref }: T & { offset: number }) => ({
    ...ref,
    ...placeOf({ ...ref, offset: _ }, read),
  })
  return { ...rest, applied: applied.map(placed), errors: errors.map(placed), open: open.map(placed) }
}

/** In the file of its own, or where the configuration has it, and then the line within that. */
function placeOf(
  { place, offset }: Pick<PolicyRef, 'place' | 'offset'>,
  { config, source }: Read,
): { readonly file: string; readonly line: number; readonly column: number; readonly lineOfPolicy?: number } {
  const text = config.authorization?.policies.find((it) => it.place === place)?.text ?? ''
  const within = position(text, offset)
  const index = /\[(\d+)\]$/.exec(place)?.[1]
  if (index === undefined || !place.startsWith('incomingAuth.')) return { file: place, ...within }
  const { line, column } = source.at(['incomingAuth', 'authz', 'policies', Number(index)])
  return { file: source.file, line, column, ...(within.line > 1 && { lineOfPolicy: within.line }) }
}

const WORDS = { allow: 'allowed', deny: 'denied', maybe: 'not sure' } as const

const LISTED = { allow: 'yes', deny: 'no', maybe: 'not sure' } as const

function print(answer: AuthzAnswer, { terminal, ...read }: Read & { readonly terminal: Terminal }): void {
  const { decision, listed, principal, action, resource, byBackend } = answer
  const { colors, out } = terminal
  const paint = { allow: colors.green, deny: colors.red, maybe: colors.yellow }[decision]
  out(`${paint(WORDS[decision])}: ${printable(`${principal} ${action} ${resource}`)}`)
  out(`listed: ${LISTED[listed]}`)
  const show = (title: string, refs: readonly (PolicyRef & { readonly message?: string })[]) => {
    for (const ref of refs) {
      const { file, line, column, lineOfPolicy } = placeOf(ref, read)
      const more = lineOfPolicy === undefined ? '' : `, line ${lineOfPolicy} of it`
      out(`${title} ${ref.effect} at ${printable(file)}:${line}:${column}${more}`)
      if (ref.message !== undefined) out(`    ${printable(ref.message)}`)
      for (const text of ref.text.split('\n')) out(`    ${printable(text)}`)
    }
  }
  show('applies:', answer.applied)
  show('error in', answer.errors)
  show('open:', answer.open)
  for (const note of notesOf(answer)) terminal.note(note)
  if (byBackend !== undefined)
    terminal.note(
      `for each backend: ${Object.entries(byBackend)
        .map(([name, its]) => `${name} ${WORDS[its]}`)
        .join(', ')}`,
    )
}

function notesOf({ decision, applied, errors, hidden }: AuthzAnswer): string[] {
  return [
    ...(hidden ? ['it is hidden from clients by the aggregation; only steps of composite tools get it'] : []),
    ...(errors.length > 0 ? ['an error in a policy that is about the call denies it'] : []),
    ...(decision === 'deny' && errors.length === 0 && !applied.some(({ effect }) => effect === 'forbid')
      ? ['no policy permits it']
      : []),
    ...(decision === 'maybe'
      ? [
          'it depends on the annotations of the tool or on its backend; --connect asks, --annotations and --backend tell',
        ]
      : []),
  ]
}
