// node bytes.js FILE: answers every request with the bytes of a file, from memory.
import { readFileSync } from 'node:fs'
import { listen } from '../test/fixtures/listen.ts'

const bytes = readFileSync(process.argv[2] as string)
const headers = { 'content-type': 'application/json', 'content-length': bytes.length }

await listen(
  (req, res) => {
    req.resume().on('end', () => res.writeHead(200, headers).end(bytes))
  },
  { port: 0, path: '/mcp' },
)
