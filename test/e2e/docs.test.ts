import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Child, startChild } from '../fixtures/child.ts'
import { runCli } from '../fixtures/cli.ts'
import { ROOT } from '../fixtures/root.ts'
import { CLI } from '../fixtures/stage.ts'

/** A fenced block of a page. */
interface Block {
  readonly language: string
  readonly text: string
}

interface Page {
  readonly name: string
  readonly text: string
  readonly blocks: readonly Block[]
}

const SECRET = randomBytes(32).toString('base64')
const SIGNING_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const pages = await readPages()
/** Inside the repository, so that `npx` and imports find what is installed there. */
const folder = join(ROOT, '.cache/docs')

beforeAll(() => mkdir(folder, { recursive: true }))
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(withBlocks('yaml'))('every configuration in $name', (page) => {
  test.each(numbered(page, 'yaml'))('number $number is valid', async ({ number, text }) => {
    const file = join(folder, `${page.name.replaceAll('/', '-')}-${number}.yaml`)
    await writeFile(file, text)
    const outcome = await runCli(['validate', '--config', file], environment(text))
    expect(outcome.output).toContain('Configuration is valid')
    expect(outcome.code).toBe(0)
  })
})

describe.each(withBlocks('sh'))('every command in $name', (page) => {
  test('works as it stands', { timeout: 120_000 }, async () => {
    const home = join(folder, `home-${page.name.replaceAll('/', '-')}`)
    await furnish(home, page)
    const running: Child[] = []
    for (const line of commands(page)) await type(line, home, running)
    for (const child of running) await end(child)
  })
})

describe.each(withBlocks('ts'))('the code in $name', (page) => {
  test('compiles, and what stands alone runs', { timeout: 60_000 }, async () => {
    const names = await writeCode(page)
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const project = join(folder, 'tsconfig.json')
    await writeFile(project, JSON.stringify(tsconfig(names)))
    await promisify(execFile)(process.execPath, [tsc, '-p', project])
    for (const name of names) {
      const { stderr } = await promisify(execFile)(process.execPath, [join(folder, `${name}.js`)], {
        cwd: ROOT,
      })
      expect(stderr).not.toContain('Error')
    }
  })
})

test.each(pages)('every link in $name leads to a file', async ({ name, text }) => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
    ([, link]) => link as string,
  )
  for (const link of links) {
    const target = join(ROOT, dirname(name), link)
    await expect(
      readFile(target).catch(() => readdir(target)),
      `${name} → ${link}`,
    ).resolves.toBeDefined()
  }
})

/** What an example takes from the environment: keys to sign with are PEM, and all else fits as a key and as a secret. */
function environment(text: string): NodeJS.ProcessEnv {
  const names = [...text.matchAll(/\b\w+Env: (\w+)/g)].map(([, name]) => name as string)
  return Object.fromEntries(names.map((name) => [name, name.endsWith('_SIGNING_KEY') ? SIGNING_KEY : SECRET]))
}

async function readPages(): Promise<Page[]> {
  const found = await readdir(join(ROOT, 'docs'), { recursive: true })
  const names = found.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))
  return Promise.all(['README.md', 'CONTRIBUTING.md', ...names.sort()].map(readPage))
}

async function readPage(name: string): Promise<Page> {
  const text = await readFile(join(ROOT, name), 'utf8')
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, body]) => ({
    language: language as string,
    text: body as string,
  }))
  return { name, text, blocks }
}

function withBlocks(language: string): Page[] {
  return pages.filter(({ blocks }) => blocks.some((block) => block.language === language))
}

function numbered({ blocks }: Page, language: string): { number: number; text: string }[] {
  return blocks
    .filter((block) => block.language === language)
    .map(({ text }, index) => ({ number: index + 1, text }))
}

/** The lines that call vmcp; those of npm are what this very test is run by. */
function commands({ blocks }: Page): string[] {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .map((line) => line.replace(/\s#.*$/, '').trim())
    .filter((line) => line.startsWith('vmcp '))
}

/** A home as the pages assume it: an editor's file, and the page's first configuration as `vmcp.yaml`. */
async function furnish(home: string, { blocks }: Page): Promise<void> {
  await rm(home, { recursive: true, force: true })
  await mkdir(join(home, '.cursor'), { recursive: true })
  const server = join(ROOT, 'node_modules/@modelcontextprotocol/server-memory/dist/index.js')
  const memory = { command: process.execPath, args: [server] }
  await writeFile(join(home, '.cursor/mcp.json'), JSON.stringify({ mcpServers: { memory } }))
  const yaml = blocks.find(({ language }) => language === 'yaml')
  const initialises = commands({ blocks, name: '', text: '' }).some((line) => line.startsWith('vmcp init'))
  if (yaml !== undefined && !initialises) await writeFile(join(home, 'vmcp.yaml'), yaml.text)
}

/** A server that is started with `&` runs on until the page is through. */
async function type(line: string, home: string, running: Child[]): Promise<void> {
  const words = line
    .replace(/&$/, '')
    .match(/'[^']*'|\S+/g)
    ?.slice(1)
    .map((word) => word.replace(/^'(.*)'$/, '$1').replace(/^~/, home)) as string[]
  const folders = { XDG_STATE_HOME: join(home, '.local/state'), XDG_RUNTIME_DIR: join(home, 'run') }
  const env = { ...process.env, ...folders, HOME: home, NO_COLOR: '1' }
  if (words[0] === 'serve') {
    const child = await serve(words, home, env)
    if (line.endsWith('&')) running.push(child)
    else await end(child)
    return
  }
  const outcome = await promisify(execFile)(process.execPath, [CLI, ...words], { cwd: home, env })
  expect(outcome.stdout, line).not.toBe('')
}

async function serve(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Child> {
  return startChild({
    args: [CLI, ...words, '--port', '0', '--json'],
    cwd,
    env,
    // All backends have answered by then.
    ready: (line) => (line.includes('"backends"') ? line : undefined),
  })
}

async function end(child: Child): Promise<void> {
  await child.stop('SIGINT')
  expect(await child.exited).toBe(0)
}

async function writeCode(page: Page): Promise<string[]> {
  const blocks = numbered(page, 'ts')
  const names = blocks.map(({ number }) => `${relative('docs', page.name).replace('.md', '')}-${number}`)
  await Promise.all(blocks.map(({ text }, index) => writeFile(join(folder, `${names[index]}.ts`), text)))
  return names
}

function tsconfig(names: readonly string[]): object {
  const compilerOptions = { noEmit: false, outDir: '.', rootDir: '.', allowImportingTsExtensions: false }
  return { extends: '../../tsconfig.json', compilerOptions, include: names.map((name) => `${name}.ts`) }
}
