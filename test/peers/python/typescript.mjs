// A client on the TypeScript SDK v2, for servers in Python: node typescript.mjs PREFIX '[[KIND, MODE, URL|[COMMAND]], …]'.
// Prints one line of JSON for each: what its requests brought.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const CAPABILITIES = { elicitation: { form: {} }, sampling: {}, roots: {} }

async function connect(mode, target) {
  const client = new Client(
    { name: 'typescript', version: '1' },
    {
      capabilities: CAPABILITIES,
      versionNegotiation: { mode: mode === 'legacy' ? 'legacy' : { pin: mode } },
    },
  )
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada' } }))
  const content = { type: 'text', text: 'much' }
  client.setRequestHandler('sampling/createMessage', () => ({ role: 'assistant', content, model: 'none' }))
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///home/ada' }] }))
  const transport = Array.isArray(target)
    ? new StdioClientTransport({ command: target[0], args: target.slice(1), stderr: 'ignore' })
    : new StreamableHTTPClientTransport(new URL(target))
  await client.connect(transport)
  return client
}

async function talk(mode, target, prefix) {
  const client = await connect(mode, target)
  const told = []
  const text = async (name, args = {}) => {
    const onprogress = ({ progress }) => told.push(progress)
    try {
      return (await client.callTool({ name: prefix + name, arguments: args }, { onprogress })).content[0].text
    } catch (error) {
      return String(error)
    }
  }
  try {
    return {
      tools: (await client.listTools()).tools.map(({ name }) => name).sort(),
      echo: await text('echo', { text: 'hi' }),
      steps: await text('steps'),
      progress: [...told],
      greet: await text('greet'),
      think: await text('think'),
      roots: await text('roots'),
      note: (await client.readResource({ uri: 'py://note' })).contents[0].text,
      ask: (await client.getPrompt({ name: `${prefix}ask`, arguments: { topic: 'tea' } })).messages[0].content
        .text,
    }
  } finally {
    await client.close()
  }
}

const [prefix, runs] = process.argv.slice(2)
for (const [, mode, target] of JSON.parse(runs)) {
  const seen = await talk(mode, target, prefix).catch((error) => ({ error: String(error) }))
  process.stdout.write(`${JSON.stringify(seen)}\n`)
}
