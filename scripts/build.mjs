// Compiles src to dist, and bundles the command line, which starts in two thirds of the time from a few files.
// With --tools also the benchmarks and the fixtures that tests start as processes.
import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { rolldown } from 'rolldown'

const tsc = (project) =>
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { stdio: 'inherit' })

/** Our own modules only: what comes from npm stays a dependency. */
async function bundle() {
  const isOurs = (id) => id.startsWith('.') || id.startsWith('/')
  const build = await rolldown({
    input: { vmcp: 'dist/cli/main.js' },
    platform: 'node',
    external: (id) => !isOurs(id),
  })
  await build.write({ dir: 'dist', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' })
}

rmSync('dist', { recursive: true, force: true })
try {
  tsc('tsconfig.build.json')
  await bundle()
  chmodSync('dist/vmcp.js', 0o755)
  if (process.argv.includes('--tools')) tsc('tsconfig.tools.json')
} catch (error) {
  // The compiler has said what is wrong.
  if (error.status === undefined) throw error
  process.exitCode = 1
}
