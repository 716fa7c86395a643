// Compiles src to dist, and bundles the command line, which starts in half of the time from a few files.
// With --tools also the benchmarks and the fixtures that tests start as processes.
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'

/** Packages of many small files that every start reads. They go into the bundle, and their licences beside it. */
const BUNDLED = ['yaml', 'zod']

const FIXTURES = '.cache/tools/test/fixtures'
/** Fixtures that tests start again and again, each with all that it needs. */
const PROGRAMS = [
  'server',
  ...['wire', 'talking', 'rounds', 'faults', 'conformance', 'conformance-client'].map(
    (name) => `${name}/main`,
  ),
]

const NAMES = { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }

const tsc = (project) =>
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { stdio: 'inherit' })

/** What else comes from npm stays a dependency. */
async function bundle() {
  const isOurs = (id) => id.startsWith('.') || id.startsWith('/')
  const build = await rolldown({
    input: { vmcp: 'dist/cli/main.js' },
    platform: 'node',
    external: (id) => !isOurs(id) && !BUNDLED.includes(id),
  })
  const groups = BUNDLED.map((name) => ({ name: `npm-${name}`, test: new RegExp(`node_modules/${name}/`) }))
  await build.write({ dir: 'dist', ...NAMES, codeSplitting: { groups } })
  const licences = BUNDLED.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8')}`)
  writeFileSync('dist/LICENSES-OF-BUNDLED-PACKAGES', licences.join('\n\n'))
}

async function bundleFixtures() {
  const input = Object.fromEntries(PROGRAMS.map((name) => [name, `./${FIXTURES}/${name}.js`]))
  const build = await rolldown({ input, platform: 'node' })
  await build.write({ dir: '.cache/tools/programs', ...NAMES })
}

rmSync('dist', { recursive: true, force: true })
try {
  tsc('tsconfig.build.json')
  await bundle()
  chmodSync('dist/vmcp.js', 0o755)
  if (process.argv.includes('--tools')) {
    tsc('tsconfig.tools.json')
    await bundleFixtures()
  }
} catch (error) {
  // The compiler has said what is wrong.
  if (error.status === undefined) throw error
  process.exitCode = 1
}
