import type { Command, Option } from 'commander'

/** What may follow one command, as a shell completes it. */
export interface Words {
  /** The command with those above it, `group create`; empty for the program. */
  readonly path: string
  /** Commands below it, and the words that its arguments are chosen from. */
  readonly commands: readonly Word[]
  readonly options: readonly OptionWord[]
  /** Options of the program, which every command takes too. */
  readonly inherited: readonly OptionWord[]
}

interface Word {
  readonly text: string
  readonly about: string
}

export interface OptionWord {
  /** `--output` and `-o`. */
  readonly flags: readonly string[]
  readonly about: string
  readonly takes: 'nothing' | 'file' | 'value' | readonly string[]
}

/** Every command of the tree, the program first. */
export function wordsOf(program: Command): Words[] {
  return walk(program, [], program)
}

function walk(command: Command, path: readonly string[], program: Command): Words[] {
  const commands = command.commands.map((child) => ({
    text: child.name(),
    about: firstLine(child.description()),
  }))
  const own: Words = {
    path: path.join(' '),
    commands: [...commands, ...argumentsOf(command)],
    options: [...command.options.map(optionWord), HELP],
    inherited: command === program ? [] : program.options.map(optionWord),
  }
  return [own, ...command.commands.flatMap((child) => walk(child, [...path, child.name()], program))]
}

function argumentsOf({ registeredArguments }: Command): Word[] {
  return registeredArguments.flatMap(({ argChoices, description }) =>
    (argChoices ?? []).map((text) => ({ text, about: firstLine(description) })),
  )
}

const HELP: OptionWord = { flags: ['--help', '-h'], about: 'show help', takes: 'nothing' }

function optionWord({ short, long, description, required, optional, argChoices, flags }: Option): OptionWord {
  return {
    flags: [long, short].filter((flag) => flag !== undefined),
    about: firstLine(description),
    takes: argChoices ?? (required || optional ? kindOf(flags) : 'nothing'),
  }
}

function kindOf(flags: string): 'file' | 'value' {
  return /<(file|folder)>/.test(flags) ? 'file' : 'value'
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
