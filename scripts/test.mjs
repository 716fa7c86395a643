// The whole test: build, lint, types, unused code, then every test. The last line says how many passed and failed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'

const REPORT = '.cache/vitest.json'
const bin = (name) => `node_modules/.bin/${name}`
const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0

/** Each counts as one. */
const CHECKS = {
  'second node': () => run(process.execPath, ['scripts/second-node.mjs']),
  redis: () => run(process.execPath, ['scripts/redis.mjs']),
  build: () => run(process.execPath, ['scripts/build.mjs', '--tools']),
  lint: () => run(bin('biome'), ['check', '.']),
  types: () => run(bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']),
  unused: () => run(bin('knip'), []),
  package: () => run(bin('publint'), ['--strict']),
}

function runChecks() {
  const failed = Object.entries(CHECKS).filter(([name, check]) => {
    process.stdout.write(`\n── ${name}\n`)
    return !check()
  })
  for (const [name] of failed) process.stdout.write(`FAILED: ${name}\n`)
  return { passed: Object.keys(CHECKS).length - failed.length, failed: failed.length }
}

function runTests() {
  rmSync(REPORT, { force: true })
  process.stdout.write('\n── tests\n')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]
  const fine = run(bin('vitest'), ['run', ...reporters])
  const counts = existsSync(REPORT)
    ? countReport(JSON.parse(readFileSync(REPORT, 'utf8')))
    : { passed: 0, failed: 0 }
  // A crash outside of any test, or nothing to run at all, is a failure too.
  const silent = counts.failed === 0 && (!fine || counts.passed === 0)
  return { ...counts, failed: counts.failed + (silent ? 1 : 0) }
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

const results = [runChecks(), runTests()]
const passed = results.reduce((sum, result) => sum + result.passed, 0)
const failed = results.reduce((sum, result) => sum + result.failed, 0)
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
