// The whole test: build, lint, types, unused code, then every test. The last line says how many passed and failed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'

const REPORT = '.cache/vitest.json'
const bin = (name) => `node_modules/.bin/${name}`

/** What tests need, one after the other. Each counts as one. */
const BEFORE = {
  'second node': [process.execPath, 'scripts/second-node.mjs'],
  redis: [process.execPath, 'scripts/redis.mjs'],
  build: [process.execPath, 'scripts/build.mjs', '--tools'],
}

/** What no test needs, one after the other while these run: they leave some of the machine. */
const BESIDE = {
  lint: [bin('biome'), 'check', '.'],
  types: [bin('tsc'), '--noEmit', '-p', 'tsconfig.json'],
  unused: [bin('knip')],
  package: [bin('publint'), '--strict'],
}

/** @returns whether all went well, and what was said where it is not to be said at once */
function run([command, ...args], stdio) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio })
    const said = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(chunk))
    child.on('error', (error) => said.push(`${error.message}\n`))
    child.on('close', (code) => resolve({ fine: code === 0, said: Buffer.concat(said.map(Buffer.from)) }))
  })
}

async function runChecks(checks, stdio) {
  const failed = []
  for (const [name, command] of Object.entries(checks)) {
    if (stdio === 'inherit') process.stdout.write(`\n── ${name}\n`)
    const { fine, said } = await run(command, stdio)
    if (stdio !== 'inherit') process.stdout.write(`\n── ${name}\n${said}`)
    if (!fine) failed.push(name)
  }
  return { passed: Object.keys(checks).length - failed.length, failed: failed.length, names: failed }
}

async function runTests() {
  rmSync(REPORT, { force: true })
  process.stdout.write('\n── tests\n')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]
  const { fine } = await run([bin('vitest'), 'run', ...reporters], 'inherit')
  const counts = existsSync(REPORT)
    ? countReport(JSON.parse(readFileSync(REPORT, 'utf8')))
    : { passed: 0, failed: 0 }
  // A crash outside of any test, or nothing to run at all, is a failure too.
  const silent = counts.failed === 0 && (!fine || counts.passed === 0)
  return { ...counts, failed: counts.failed + (silent ? 1 : 0), names: [] }
}

function countReport({ testResults, numPassedTests, numFailedTests, numPendingTests, numTodoTests }) {
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  for (const { name, message } of broken) process.stdout.write(`FAILED: ${name}: ${message}\n`)
  const skipped = numPendingTests + numTodoTests
  if (skipped > 0) process.stdout.write(`${skipped} skipped\n`)
  const notAllowed = process.env.CI === 'true' ? skipped : 0
  return { passed: numPassedTests, failed: numFailedTests + broken.length + notAllowed }
}

const before = await runChecks(BEFORE, 'inherit')
const results = [before, ...(await Promise.all([runTests(), runChecks(BESIDE, 'pipe')]))]
const sum = (of) => results.reduce((total, result) => total + result[of], 0)
for (const { names } of results) for (const name of names) process.stdout.write(`FAILED: ${name}\n`)
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`)
process.exitCode = sum('failed') === 0 ? 0 : 1
