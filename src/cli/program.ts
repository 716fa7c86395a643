import { Command, Option } from 'commander'
import { VERSION } from '../version.ts'
import { registerAdd } from './commands/add.ts'
import { registerAuthz } from './commands/authz.ts'
import { registerCompletion } from './commands/completion.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerExplain } from './commands/explain.ts'
import { registerFind } from './commands/find.ts'
import { registerGroup } from './commands/group.ts'
import { registerInit } from './commands/init.ts'
import { registerList } from './commands/list.ts'
import { registerLogin } from './commands/login.ts'
import { registerLogout } from './commands/logout.ts'
import { registerReload } from './commands/reload.ts'
import { registerRemove } from './commands/remove.ts'
import { registerRuns } from './commands/runs.ts'
import { registerSchema } from './commands/schema.ts'
import { registerServe } from './commands/serve.ts'
import { registerStatus } from './commands/status.ts'
import { registerTools } from './commands/tools.ts'
import { registerValidate } from './commands/validate.ts'
import { registerVersion } from './commands/version.ts'
import { registerWorkflow } from './commands/workflow.ts'
import type { CommandContext } from './context.ts'

/** In the order in which the help lists them. */
const COMMANDS = [
  registerServe,
  registerReload,
  registerStatus,
  registerRuns,
  registerTools,
  registerExplain,
  registerFind,
  registerValidate,
  registerDoctor,
  registerWorkflow,
  registerAuthz,
  registerLogin,
  registerLogout,
  registerInit,
  registerSchema,
  registerGroup,
  registerAdd,
  registerRemove,
  registerList,
  registerCompletion,
  registerVersion,
]

export function buildProgram(context: CommandContext): Command {
  const program = new Command('vmcp')
    .description('One MCP endpoint in front of many MCP servers')
    .version(`vmcp ${VERSION}`, '-V, --version', 'print the version')
    .option('-c, --config <file>', 'configuration file, YAML or JSON')
    .option('--json', 'print results as JSON')
    .option('--debug', 'the same as --log-level debug')
    .addOption(
      new Option('--log-level <level>', 'how much to log to stderr').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .addOption(new Option('--log-format <format>', 'how to log').choices(['text', 'json']).default('text'))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => context.terminal.out(text.trimEnd()),
      writeErr: (text) => context.terminal.err(text.trimEnd()),
    })
    .showSuggestionAfterError()
    .exitOverride()
  for (const register of COMMANDS) register(program, context)
  return program
}
