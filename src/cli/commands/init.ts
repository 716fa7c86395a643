import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { UserError } from '../exit.ts'
import type { GlobalOptions } from '../globals.ts'
import type { Terminal } from '../terminal.ts'

/** What the first line of the written file refers editors to. */
const SCHEMA_FILE = 'vmcp.schema.json'

interface InitFlags extends GlobalOptions {
  readonly group: string
  readonly output?: string
  readonly force?: boolean
}

export function registerInit(program: Command, { terminal }: CommandContext): void {
  program
    .command('init')
    .description('write a configuration file for the backends of a group')
    .requiredOption('-g, --group <name>', 'a local or ToolHive group')
    .option('-o, --output <file>', 'file to write; default: print it')
    .option('-f, --force', 'replace the file if there is one')
    .action((_, command: Command) => init(command.optsWithGlobals<InitFlags>(), terminal))
}

async function init({ group, output, force, json }: InitFlags, terminal: Terminal): Promise<void> {
  const { resolveGroup } = await import('../../backends/discovery/index.ts')
  const { jsonSchema, renderStarter } = await import('../../config/index.ts')
  const { backends, notes } = await resolveGroup(group)
  notes.forEach(terminal.note)
  const yaml = renderStarter(group, backends, { schema: `./${SCHEMA_FILE}` })
  if (output === undefined) {
    if (json === true) terminal.json({ group, yaml })
    else terminal.out(yaml.trimEnd())
    return
  }
  const path = resolve(output)
  await write(path, yaml, force !== true)
  await write(join(dirname(path), SCHEMA_FILE), `${JSON.stringify(jsonSchema(), null, 2)}\n`, false)
  if (json === true) terminal.json({ group, file: path, backends: backends.length })
  else
    terminal.out(
      `wrote ${path} with ${backends.length} backends, and ${SCHEMA_FILE} beside it for editors; \`vmcp serve --config ${output}\` serves it`,
    )
}

async function write(path: string, text: string, exclusive: boolean): Promise<void> {
  const { writeAtomically } = await import('../../backends/discovery/index.ts')
  await writeAtomically(path, text, { exclusive }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new UserError(`${path} exists; --force replaces it`)
    throw new UserError(`cannot write ${path}: ${error.message}`)
  })
}
