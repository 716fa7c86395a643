import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../fixtures/root.ts'
import { secondNode } from '../fixtures/second-node.ts'

/** The official conformance suite of the protocol, an npm package, as its command line is used. */

const SUITE = join(ROOT, 'node_modules/@modelcontextprotocol/conformance')
const NODE = secondNode()
/** It is started some hundred times. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(ROOT, '.cache/compiled') }

export type Revision = '2025-11-25' | '2026-07-28'

export interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly description: string
  readonly errorMessage?: string
}

export interface Fault {
  readonly id: string
  readonly what: string
}

/** The checks of each scenario. */
export type Outcome = Map<string, readonly Check[]>

interface RequirementsFile {
  readonly server: readonly string[]
  readonly client: readonly string[]
  readonly not_scored: readonly { readonly scenario: string; readonly leg: 'server' | 'client' }[]
}

/** The server scenarios of a revision: those that conformance requires, and those that are only reported. */
export function serverScenarios(revision: Revision) {
  return scenariosOf('server', revision)
}

/** The same of clients. */
export function clientScenarios(revision: Revision) {
  return scenariosOf('client', revision)
}

function scenariosOf(leg: 'server' | 'client', revision: Revision) {
  const file = readFileSync(join(SUITE, 'requirements', `${revision}.yaml`), 'utf8')
  const { [leg]: scored, not_scored } = parse(file) as RequirementsFile
  const unscored = not_scored.filter((it) => it.leg === leg).map(({ scenario }) => scenario)
  return { scored, unscored }
}

/** Runs all server scenarios of a revision against an endpoint. */
export async function runServerScenarios(url: string, revision: Revision, folder: string): Promise<Outcome> {
  const output = await runSuite(['server', '--url', url, '--requirements', revision, '--output-dir', folder])
  const { scored, unscored } = serverScenarios(revision)
  return new Map([...scored, ...unscored].map((name) => [name, checksIn(folder, `server-${name}-2`, output)]))
}

export interface ScenarioRun {
  readonly url: string
  readonly revision: Revision
  readonly scenario: string
}

/** Runs one server scenario. */
export async function runServerScenario(run: ScenarioRun): Promise<readonly Check[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-test-'))
  try {
    const scenario = ['--scenario', run.scenario, '--spec-version', run.revision, '--force']
    const output = await runSuite(['server', '--url', run.url, ...scenario, '--output-dir', folder])
    return checksIn(folder, `server-${run.scenario}-2`, output)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface ClientRun {
  readonly scenario: string
  readonly revision: Revision
  /** The client under test; the suite puts its URL behind. */
  readonly command: readonly string[]
}

export async function runClientScenario(run: ClientRun, folder: string): Promise<readonly Check[]> {
  await mkdir(folder, { recursive: true })
  const command = run.command.map((word) => JSON.stringify(word)).join(' ')
  const scenario = ['--scenario', run.scenario, '--spec-version', run.revision, '--force']
  const output = await runSuite(['client', '--command', command, ...scenario, '--output-dir', folder])
  return checksIn(folder, `${run.scenario}-2`, output)
}

/** The checks that have succeeded, without the one that every scenario has: that each message fits the schema. */
export function successesIn(checks: readonly Check[]): number {
  return checks.filter(({ id, status }) => status === 'SUCCESS' && !id.startsWith('wire-schema')).length
}

/**
 * Every check that is not as the specification has it, also where that only says SHOULD; and that a scenario has
 * come to nothing, since most of them skip what they do not find.
 */
export function faultsIn(checks: readonly Check[]): Fault[] {
  const faults = checks
    .filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO')
    .map(({ id, status, errorMessage, description }) => ({
      id,
      what: `${status}: ${errorMessage ?? description}`,
    }))
  if (faults.length > 0 || successesIn(checks) > 0) return faults
  const said = checks.map(({ description }) => description).join('; ')
  return [{ id: 'nothing', what: `no check has succeeded; the suite says: ${said}` }]
}

/** Its exit code says whether a check failed, which the checks themselves say better. */
function runSuite(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: 240_000, maxBuffer: 50_000_000, env }
    execFile(NODE, [join(SUITE, 'dist/index.js'), ...args], options, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

/** The suite gives every scenario a folder: its name, which may be a path, and the time. */
function checksIn(folder: string, start: string, output: string): Check[] {
  const parent = join(folder, dirname(start))
  const entries = existsSync(parent) ? readdirSync(parent) : []
  const name = entries.find((entry) => entry.startsWith(basename(start)))
  const file = join(parent, name ?? '', 'checks.json')
  if (name !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Check[]
  const errorMessage = `The suite wrote no checks. It ended with:\n${output.slice(-2000)}`
  return [{ id: 'ran', status: 'FAILURE', description: 'The suite ran the scenario', errorMessage }]
}
