// A hand-made legacy server over stdio that misbehaves as its first argument says.
import { createInterface } from 'node:readline'

const [mode] = process.argv.slice(2)
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const text = (value) => ({ content: [{ type: 'text', text: value }] })

if (mode === 'dies') {
  process.stderr.write('starting\n')
  process.stderr.write('Error: API_KEY is required\n')
  process.exit(3)
}
if (mode === 'stubborn') process.on('SIGTERM', () => {})

const ANSWERS = {
  initialize: () => ({
    protocolVersion: '2024-11-05',
    capabilities: { tools: {} },
    serverInfo: { name: 'odd', version: '0' },
  }),
  'tools/list': () => ({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }] }),
  'tools/call': ({ params }) => text(params.arguments.text ?? ''),
}

function misbehave({ id, params }) {
  if (mode === 'noise') process.stdout.write('Listening on stdio!\n{"half":\n[1,2]\n\n')
  if (mode === 'unknown-id') send({ id: 4711, result: text('nobody asked') })
  if (mode === 'twice') send({ id, result: text(params.arguments.text) })
  if (mode === 'huge') send({ result: text('x'.repeat(20_000)), id })
  if (mode === 'batch') {
    process.stdout.write(`${JSON.stringify([{ jsonrpc: '2.0', id, result: text('batched') }])}\n`)
  }
  return mode !== 'huge' && mode !== 'batch'
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line)
  if (message.id === undefined) return
  if (message.method === 'server/discover') {
    if (mode === 'exits-on-discover') process.exit(1)
    if (mode === 'silent-on-discover') return
  }
  if (message.method === 'tools/call' && !misbehave(message)) return
  const answer = ANSWERS[message.method]
  if (answer === undefined) send({ id: message.id, error: { code: -32601, message: 'Method not found' } })
  else send({ id: message.id, result: answer(message) })
})
// Some servers do not end when their input does.
if (mode === 'stubborn') setInterval(() => {}, 1_000)
