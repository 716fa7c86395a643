#!/usr/bin/env node
import { CommanderError } from 'commander'
import type { CommandContext } from './context.ts'
import { type GlobalOptions, isDebug } from './globals.ts'
import { buildProgram } from './program.ts'
import { exitCodeOfParser, report } from './report.ts'
import { createTerminal, resultsOnStderr, type Streams } from './terminal.ts'

async function main(argv: readonly string[]): Promise<number> {
  const streams: Streams = { stdout: process.stdout, stderr: process.stderr, env: process.env }
  const context: CommandContext = {
    terminal: createTerminal(streams),
    stderrTerminal: resultsOnStderr(streams),
    exitCode: 0,
  }
  const program = buildProgram(context)
  try {
    await program.parseAsync(argv)
    return context.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOfParser(error.exitCode)
    return report(error, context.terminal, isDebug(program.opts<GlobalOptions>()))
  }
}

/** `vmcp tools | head`: whoever reads has read enough. EIO is a terminal that was closed. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}

process.stdout.on('error', endWithReader)
process.stderr.on('error', endWithReader)

const code = await main(process.argv)
// Output to a pipe may still be on its way; a write's callback comes after all before it.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
)
process.exit(process.exitCode ?? code)
