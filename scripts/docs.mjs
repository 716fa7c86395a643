// Writes the pages under docs/reference that are generated from the configuration schema of the built program.
import { mkdirSync, writeFileSync } from 'node:fs'

const { jsonSchema } = await import('../dist/config/index.js')
const { renderReference } = await import('../dist/config/reference.js')
const folder = new URL('../docs/reference/', import.meta.url)

mkdirSync(folder, { recursive: true })
writeFileSync(new URL('configuration.md', folder), renderReference())
writeFileSync(new URL('configuration.schema.json', folder), `${JSON.stringify(jsonSchema(), undefined, 2)}\n`)
