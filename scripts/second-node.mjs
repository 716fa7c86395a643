// Some peers of the tests want a newer Node than vmcp does. Installs one from npm, once, and prints its path.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const VERSION = '22.23.3'
const OLDEST = [22, 19]

/** The path of a Node of at least 22.19. @throws when there is none and none can be installed */
export function secondNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath
  const name = `node-${process.platform}-${process.arch}`
  const folder = fileURLToPath(new URL('../.cache/second-node/', import.meta.url))
  const binary = join(folder, 'node_modules', name, 'bin/node')
  if (!existsSync(binary)) install(folder, `${name}@${VERSION}`)
  return binary
}

function install(folder, spec) {
  mkdirSync(folder, { recursive: true })
  // A package of its own: its `node` must not come first in the PATH of our scripts.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--workspaces=false', spec], {
    cwd: folder,
    stdio: 'inherit',
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${secondNode()}\n`)
