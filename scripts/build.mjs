// Compiles src to dist; with --tools also the benchmarks and the fixtures that tests start as processes.
import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'

const tsc = (project) =>
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { stdio: 'inherit' })

rmSync('dist', { recursive: true, force: true })
tsc('tsconfig.build.json')
chmodSync('dist/cli/main.js', 0o755)
if (process.argv.includes('--tools')) tsc('tsconfig.tools.json')
