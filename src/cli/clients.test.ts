import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { editor } from '../backends/discovery/index.ts'
import { clientHints } from './clients.ts'

const URL = 'http://127.0.0.1:4483/mcp'

test('every line to paste leads to the endpoint, as our own reader of editor files sees it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-hints-'))
  for (const { client, file, text } of clientHints(URL)) {
    if (file === undefined) continue
    const path = join(folder, client)
    await writeFile(path, text)
    const { backends, notes } = await editor.discover([path], {})
    expect(notes).toEqual([])
    expect(backends).toMatchObject([
      client === 'Claude Desktop'
        ? { name: 'vmcp', command: 'npx', args: ['-y', 'mcp-remote', URL] }
        : { name: 'vmcp', transport: 'streamable-http', url: URL },
    ])
  }
  await rm(folder, { recursive: true })
})

test('the four clients are there', () => {
  expect(clientHints(URL).map(({ client }) => client)).toEqual([
    'Claude Code',
    'Claude Desktop',
    'VS Code',
    'Cursor',
  ])
  expect(clientHints(URL)[0]?.text).toBe(`claude mcp add --transport http vmcp ${URL}`)
})
