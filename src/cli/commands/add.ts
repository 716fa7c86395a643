import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Workload } from '../../backends/discovery/index.ts'
import type { CommandContext } from '../context.ts'
import { usageError } from '../exit.ts'
import type { GlobalOptions } from '../globals.ts'
import { pairs } from '../options.ts'
import type { Terminal } from '../terminal.ts'

interface AddFlags extends GlobalOptions {
  readonly group: string
  readonly url?: string
  readonly transport?: 'streamable-http' | 'sse'
  readonly header?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export function registerAdd(program: Command, { terminal }: CommandContext): void {
  program
    .command('add')
    .description('add a backend to a group of our own')
    .usage('NAME --group GROUP [options] (-- COMMAND [ARGS…] | --url URL)')
    .argument('<name>', 'name of the backend, and the prefix of its tools')
    .argument('[command...]', 'what starts a stdio server, after --')
    .requiredOption('-g, --group <name>', 'the group')
    .option('--url <url>', 'address of an HTTP server')
    .addOption(
      new Option('--transport <type>', 'of --url; default streamable-http').choices([
        'streamable-http',
        'sse',
      ]),
    )
    .option('--header <key=value>', 'send this header with every request to --url; repeatable', pairs)
    .option('--env <key=value>', 'set this variable for the command; repeatable', pairs)
    .option('--cwd <folder>', 'folder in which the command runs')
    .action((name: string, words: string[], _, command: Command) =>
      add(name, words, command.optsWithGlobals<AddFlags>(), terminal),
    )
}

async function add(name: string, words: string[], flags: AddFlags, terminal: Terminal): Promise<void> {
  const workload = workloadOf(words, flags)
  const { addWorkload } = await import('../../backends/discovery/index.ts')
  await addWorkload(flags.group, name, workload, process.env)
  if (flags.json === true) terminal.json({ group: flags.group, name, transport: workload.transport })
  else terminal.out(`added '${name}' to group '${flags.group}'`)
}

function workloadOf(words: readonly string[], flags: AddFlags): Workload {
  const [command, ...args] = words
  if ((command === undefined) === (flags.url === undefined))
    throw usageError('expected either a command after -- or --url')
  if (command === undefined) return httpWorkload(flags.url ?? '', flags)
  refuse(flags, ['transport', 'header'], 'a command')
  const cwd = flags.cwd ?? (words.some(isRelative) ? '.' : undefined)
  return {
    transport: 'stdio',
    command,
    args,
    env: flags.env ?? {},
    ...(cwd === undefined ? {} : { cwd: resolve(cwd) }),
  }
}

function httpWorkload(url: string, flags: AddFlags): Workload {
  refuse(flags, ['env', 'cwd'], '--url')
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw usageError(`--url ${JSON.stringify(url)} is not an http or https URL`)
  return { transport: flags.transport ?? 'streamable-http', url, headers: flags.header ?? {} }
}

function refuse(flags: AddFlags, names: readonly (keyof AddFlags)[], beside: string): void {
  for (const name of names) {
    if (flags[name] !== undefined) throw usageError(`--${name} has no meaning beside ${beside}`)
  }
}

/** A path that means something only in the folder where it was typed. */
function isRelative(word: string): boolean {
  return /^\.{1,2}(\/|$)/.test(word)
}
