import { createInterface } from 'node:readline'
import { printable } from '../observe/printable.ts'
import type { LoggedIn } from '../operator/login.ts'
import { UserError } from './exit.ts'
import type { GlobalOptions } from './globals.ts'
import { loadSource, type SourceOptions, tellOf } from './source.ts'
import type { Terminal } from './terminal.ts'

export interface LoginFlags extends GlobalOptions, SourceOptions {
  readonly browser: boolean
  readonly scope?: readonly string[]
  readonly wait: number
}

const LONGEST_LINE = 16 * 1024

/** @throws UserError which says why there is no login */
export async function printLogin(backend: string, flags: LoginFlags, terminal: Terminal): Promise<void> {
  const source = await loadSource(flags)
  await tellOf(source, terminal, terminal.note)
  const { logIn } = await import('../operator/login.ts')
  const pasted = createInterface({ input: process.stdin, terminal: false })
  const ended = AbortSignal.timeout(flags.wait)
  try {
    const done = await logIn(source.config, {
      backend,
      scopes: flags.scope ?? [],
      signal: ended,
      show: (url, paste) => {
        show(backend, url, flags, terminal)
        pasted.on('line', (line) => {
          if (line.trim() === '') return
          const wrong = paste(line.slice(0, LONGEST_LINE))
          if (wrong !== undefined) terminal.err(wrong)
        })
      },
    })
    tell(done, flags, terminal)
  } catch (error) {
    throw refused(error, backend)
  } finally {
    pasted.close()
    process.stdin.unref?.()
  }
}

export async function printLogout(
  backend: string,
  flags: GlobalOptions & SourceOptions,
  terminal: Terminal,
): Promise<void> {
  const source = await loadSource(flags)
  await tellOf(source, terminal, terminal.note)
  const { logOut } = await import('../operator/login.ts')
  const done = await logOut(source.config, backend)
  if (flags.json === true) return terminal.json(done)
  if (!done.existed) return terminal.out(`nobody has logged in to ${backend}`)
  terminal.out(`${terminal.colors.green('✓')} logged out of ${backend}`)
  if (done.notRevoked !== undefined)
    terminal.note(`its tokens may be good still, as they were not revoked: ${done.notRevoked}`)
}

function show(backend: string, url: URL, flags: LoginFlags, terminal: Terminal): void {
  if (flags.json === true) terminal.json({ authorizationUrl: url.href })
  else {
    terminal.out(`to log in to ${backend}, open\n`)
    terminal.out(`  ${url.href}\n`)
    terminal.out(
      'in a browser. Where it cannot come back to this machine, paste the address that it ends up at here.',
    )
  }
  if (flags.browser) void openBrowser(url)
}

function tell(done: LoggedIn, flags: LoginFlags, terminal: Terminal): void {
  if (flags.json === true) {
    terminal.json(done)
    return
  }
  const { colors, out } = terminal
  out(`${colors.green('✓')} logged in to ${done.backend} at ${printable(done.issuer)}`)
  out(`  for ${printable(done.resource)}`)
  if (done.scopes.length > 0) out(`  scopes: ${printable(done.scopes.join(' '))}`)
  if (!done.renewable && done.endsAt !== undefined)
    out(`  until ${new Date(done.endsAt).toISOString()}: the server gives nothing to prolong it with`)
}

/** Nothing but what the library of the operating system opens by itself; whether it did is not known. */
async function openBrowser({ href }: URL): Promise<void> {
  const { spawn } = await import('node:child_process')
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(command as string, [...args, href], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

function refused(error: unknown, backend: string): unknown {
  if (!(error instanceof Error) || error.name === 'GatewayError') return error
  return new UserError(`not logged in to ${backend}: ${printable(error.message)}`)
}
