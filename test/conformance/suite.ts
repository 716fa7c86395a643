import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../fixtures/root.ts'
import { secondNode } from '../fixtures/second-node.ts'

/** The official conformance suite of the protocol, an npm package, as its command line is used. */

const SUITE = join(ROOT, 'node_modules/@modelcontextprotocol/conformance')

export type Revision = '2025-11-25' | '2026-07-28'

export interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly description: string
  readonly errorMessage?: string
}

export type Outcome = ReadonlyMap<string, readonly Check[]>

interface RequirementsFile {
  readonly server: readonly string[]
  readonly not_scored: readonly { readonly scenario: string; readonly leg: 'server' | 'client' }[]
}

/** The server scenarios of a revision: those that conformance requires, and those that are only reported. */
export function serverScenarios(revision: Revision) {
  const file = readFileSync(join(SUITE, 'requirements', `${revision}.yaml`), 'utf8')
  const { server, not_scored } = parse(file) as RequirementsFile
  const unscored = not_scored.filter(({ leg }) => leg === 'server').map(({ scenario }) => scenario)
  return { scored: server, unscored }
}

/** Runs all server scenarios of a revision against an endpoint. */
export async function runServerScenarios(url: string, revision: Revision, folder: string): Promise<Outcome> {
  const output = await runSuite(['server', '--url', url, '--requirements', revision, '--output-dir', folder])
  const { scored, unscored } = serverScenarios(revision)
  return new Map([...scored, ...unscored].map((name) => [name, checksIn(folder, `server-${name}-2`, output)]))
}

export interface ClientRun {
  readonly scenario: string
  readonly revision: Revision
  /** The client under test; the suite puts its URL behind. */
  readonly command: readonly string[]
}

export async function runClientScenario(run: ClientRun, folder: string): Promise<readonly Check[]> {
  const command = run.command.map((word) => JSON.stringify(word)).join(' ')
  const scenario = ['--scenario', run.scenario, '--spec-version', run.revision]
  const output = await runSuite(['client', '--command', command, ...scenario, '--output-dir', folder])
  return checksIn(folder, `${run.scenario}-2`, output)
}

/** Every check that is not as the specification has it, also where it only says SHOULD, in one line each. */
export function faultsIn(checks: readonly Check[]): string[] {
  return checks
    .filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO')
    .map(({ id, status, errorMessage, description }) => `${status} ${id}: ${errorMessage ?? description}`)
}

/** Its exit code says whether a check failed, which the checks themselves say better. */
function runSuite(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: 110_000, maxBuffer: 50_000_000 }
    execFile(secondNode(), [join(SUITE, 'dist/index.js'), ...args], options, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

/** The suite gives every scenario a folder: its name and the time. */
function checksIn(folder: string, start: string, output: string): Check[] {
  const name = readdirSync(folder).find((entry) => entry.startsWith(start))
  const file = join(folder, name ?? '', 'checks.json')
  if (name !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Check[]
  const errorMessage = `The suite wrote no checks. It ended with:\n${output.slice(-2000)}`
  return [{ id: 'ran', status: 'FAILURE', description: 'The suite ran the scenario', errorMessage }]
}
