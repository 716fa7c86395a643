import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { buildProgram } from '../program.ts'
import { createTerminal } from '../terminal.ts'
import { completionScript } from './index.ts'

const quiet = createTerminal({ stdout: { write: () => true }, stderr: { write: () => true }, env: {} })
const program = () => buildProgram({ terminal: quiet, stderrTerminal: quiet, exitCode: 0 })

/** What a real bash offers after the words. */
function complete(...words: string[]): string[] {
  const line = ['vmcp', ...words].map((word) => `'${word}'`).join(' ')
  const script = `${completionScript('bash', program())}
COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _vmcp; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '')
}

test('bash completes commands, commands below them, options and their values', () => {
  expect(complete('')).toEqual(expect.arrayContaining(['serve', 'validate', 'group', 'completion']))
  expect(complete('va')).toEqual(['validate'])
  expect(complete('group', '')).toEqual(['create', 'list', 'rm'])
  expect(complete('serve', '--se')).toEqual(['--session-ttl'])
  expect(complete('add', 'x', '--transport', '')).toEqual(['streamable-http', 'sse'])
  expect(complete('serve', '--log-level', 'd')).toEqual(['debug'])
  expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  expect(complete('list', '--config', 'package.j')).toEqual(['package.json'])
})

test('bash leaves the command after -- alone', () => {
  expect(complete('add', 'x', '--', '')).toEqual([])
})

test.each(['bash', 'zsh', 'fish'] as const)('%s knows every command and every option', (shell) => {
  const script = completionScript(shell, program())
  for (const command of program().commands) {
    expect(script).toContain(command.name())
    for (const { long } of command.options) expect(script).toContain(long?.slice(2))
  }
})
