import { readFileSync } from 'node:fs'

/** Our own version, from the package we are shipped in. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
