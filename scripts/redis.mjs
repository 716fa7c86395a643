// The tests of what is kept in Redis talk to a real one. Installs it where it is missing, and prints its path.
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The path of a Redis server. @throws when there is none and none can be installed */
function redisServer() {
  const found = spawnSync('which', ['redis-server'], { encoding: 'utf8' })
  if (found.status === 0) return found.stdout.trim()
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [command, ...args] = [...sudo, 'apt-get', 'install', '-y', '--no-install-recommends', 'redis-server']
  execFileSync(command, args, { stdio: 'inherit' })
  return redisServer()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${redisServer()}\n`)
