import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Files of `src` by path below it, and their text. */
type Sources = ReadonlyMap<string, string>

/** What each plugin folder shows of itself. */
const PLUGINS = [
  'backends/auth/index.ts',
  'backends/discovery/index.ts',
  'catalog/conflict/index.ts',
  'front/auth/index.ts',
  'stores/index.ts',
]

/** A gateway at work, as its interface has it, and the version that is. */
const AT_WORK = ['running.ts', 'version.ts']

/**
 * The rooms, and what each may import besides itself: a room, or one file of it. The folders of `engines` are
 * rooms of their own. `root` is what stands in `src` itself, and may import everything.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  engines: ['core'],
  stores: ['core'],
  resilience: ['core'],
  net: ['core'],
  observe: ['core', 'version.ts'],
  catalog: ['core'],
  layers: ['core', 'engines', 'resilience', 'observe'],
  // What selects the role of a caller is an expression over claims.
  backends: ['core', 'resilience', 'observe', 'stores', 'net', 'engines/cel/index.ts'],
  front: ['core', 'observe', 'stores', 'net'],
  // Templates, JSON Schemas, expressions and Cedar policies are part of the configuration language.
  config: [
    'core',
    'engines/template/index.ts',
    'engines/schema/index.ts',
    'engines/parameters/index.ts',
    'engines/policy/index.ts',
    'engines/cel/index.ts',
    ...PLUGINS,
  ],
  stack: ['core', 'catalog/index.ts', 'layers', 'stores/index.ts'],
  live: ['core', 'stack', 'catalog/index.ts', 'backends/index.ts', 'observe/observing.ts'],
  // What is done with a gateway at work, which is known by its interface.
  status: ['core', ...AT_WORK],
  doors: ['core', 'front', 'status', 'catalog/index.ts', ...AT_WORK],
  workflows: ['core', 'config', 'engines', 'layers', 'observe', 'stores', ...AT_WORK],
  operator: ['core', 'catalog', 'engines', 'layers', 'backends', ...AT_WORK],
  cli: [
    'root',
    'core',
    'config',
    'observe',
    'live',
    'status',
    'doors',
    'workflows',
    'operator',
    'catalog/index.ts',
    'backends/discovery/index.ts',
  ],
}

const LONGEST_FILE = 400
const LONGEST_FUNCTION = 60

const FOR_TESTS = /(?:^|\/)testing(?:\/|\.ts$)/

interface Import {
  readonly from: string
  readonly to: string
}

/** Relative paths in quotes: imports of every form, types included, and files that are loaded by URL. */
function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(/(['"`])(\.{1,2}\/[^'"`\n]+\.[cm]?[jt]s)\1/g)].map(([, , path = '']) => ({
    from: file,
    to: posix.join(posix.dirname(file), path),
  }))
}

const allImports = (sources: Sources) => [...sources].flatMap(([file, text]) => importsOf(file, text))

function roomOf(file: string): string {
  const [room = '', folder = ''] = file.split('/')
  if (!file.includes('/')) return 'root'
  return room === 'engines' ? `engines/${folder}` : room
}

/** What is for tests reaches as far as tests do, and nothing else needs it. */
function isAllowed({ from, to }: Import): boolean {
  if (FOR_TESTS.test(from) || FOR_TESTS.test(to)) return FOR_TESTS.test(from)
  const [here, there] = [roomOf(from), roomOf(to)]
  if (here === there || here === 'root') return true
  const allowed = MAY_IMPORT[here.split('/')[0] ?? ''] ?? []
  return allowed.includes(to) || allowed.includes(there.split('/')[0] ?? '')
}

function forbidden(sources: Sources): string[] {
  return allImports(sources)
    .filter((it) => !isAllowed(it))
    .map(({ from, to }) => `${from} imports ${to}`)
}

function homeless(sources: Sources): string[] {
  return [...sources.keys()].filter((file) => {
    const room = roomOf(file).split('/')[0] ?? ''
    return room !== 'root' && !Object.hasOwn(MAY_IMPORT, room)
  })
}

function dangling(sources: Sources): string[] {
  return allImports(sources)
    .filter(({ to }) => !sources.has(to))
    .map(({ from, to }) => `${from} imports ${to}, which is not there`)
}

/** The first cycle found from each file that is not yet known to be free of them. */
function cycles(sources: Sources): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) {
      found.push([...path.slice(start), file].join(' → '))
      return
    }
    if (done.has(file)) return
    for (const { to } of importsOf(file, sources.get(file) ?? '')) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of sources.keys()) visit(file, [])
  return [...new Set(found)]
}

const PACKAGE = /\b(?:from |import |import\()'((?:@[\w-]+\/)?\w[\w.:-]*)/g

/** Packages that what is shipped imports, and that are not installed with it. */
function missingPackages(sources: Sources, installed: ReadonlySet<string>): string[] {
  return [...sources].flatMap(([file, text]) => {
    if (FOR_TESTS.test(file)) return []
    const packages = [...text.matchAll(PACKAGE)].map(([, it = '']) => it)
    return packages
      .filter((it) => !it.startsWith('node:') && !installed.has(it))
      .map((it) => `${file} imports ${it}`)
  })
}

function tooLong(sources: Sources): string[] {
  return [...sources].flatMap(([file, text]) => {
    const lines = text.trimEnd().split('\n')
    const long = lines.length > LONGEST_FILE ? [`${file} has ${lines.length} lines`] : []
    return [...long, ...longFunctions(lines).map((it) => `${file}:${it}`)]
  })
}

const OPENS_FUNCTION = /(?:=>|\)(?:: .+)?) \{$/
const OPENS_STATEMENT = /^\s*(?:\} )?(?:if|for|while|switch|catch|else)\b/

/** By the indentation that the formatter gives: a function ends with the next brace that stands where it began. */
function longFunctions(lines: readonly string[]): string[] {
  return lines.flatMap((line, i) => {
    if (!OPENS_FUNCTION.test(line) || OPENS_STATEMENT.test(line)) return []
    const indent = /^\s*/.exec(line)?.[0] ?? ''
    const length = lines.slice(i).findIndex((it, j) => j > 0 && it.startsWith(`${indent}}`)) + 1
    return length > LONGEST_FUNCTION ? [`${i + 1} opens a function of ${length} lines`] : []
  })
}

const root = join(import.meta.dirname, '../src')
const sources: Sources = new Map(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => [file.replaceAll('\\', '/'), readFileSync(join(root, file), 'utf8')]),
)

describe('the house', () => {
  test('is found', () => {
    expect(sources.size).toBeGreaterThan(50)
    expect(allImports(sources).length).toBeGreaterThan(100)
  })

  test('has a known room for every file', () => {
    expect(homeless(sources)).toEqual([])
  })

  test('lets each room import what it may and nothing else', () => {
    expect(forbidden(sources)).toEqual([])
  })

  test('imports only what is there', () => {
    expect(dangling(sources)).toEqual([])
  })

  test('ships nothing that needs what is installed for its development only', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, '../package.json'), 'utf8'))
    expect(missingPackages(sources, new Set(Object.keys(dependencies)))).toEqual([])
  })

  test('has no cycles', () => {
    expect(cycles(sources)).toEqual([])
  })

  test('has no file and no function that is too long', () => {
    expect(tooLong(sources)).toEqual([])
  })
})

describe('the inspector', () => {
  const of = (files: Readonly<Record<string, string>>): Sources => new Map(Object.entries(files))

  test.each([
    ['front/http/x.ts', "import { a } from '../../backends/index.ts'", 'backends/index.ts'],
    ['backends/x.ts', "import type { A } from '../front/index.ts'", 'front/index.ts'],
    ['engines/script/x.ts', "export { a } from '../template/index.ts'", 'engines/template/index.ts'],
    ['core/x.ts', "const x = await import('../observe/log.ts')", 'observe/log.ts'],
    ['core/x.ts', 'import {\n  a,\n  b,\n} from "../catalog/index.ts"', 'catalog/index.ts'],
    ['catalog/x.ts', "import '../config/index.ts'", 'config/index.ts'],
    ['catalog/x.ts', "type A = import('../layers/x.ts').A", 'layers/x.ts'],
    ['observe/x.ts', "new Worker(new URL('../stores/x.ts', import.meta.url))", 'stores/x.ts'],
    ['config/x.ts', "import { a } from '../backends/index.ts'", 'backends/index.ts'],
    ['cli/x.ts', "import { a } from '../backends/index.ts'", 'backends/index.ts'],
    ['layers/x.ts', "import { a } from '../compose.ts'", 'compose.ts'],
    ['doors/x.ts', "import { a } from '../compose.ts'", 'compose.ts'],
    ['stack/x.ts', "import { a } from '../live/gateway.ts'", 'live/gateway.ts'],
    ['status/x.ts', "import { a } from '../doors/http.ts'", 'doors/http.ts'],
    ['core/x.ts', "import { a } from './testing.ts'", 'core/testing.ts'],
  ])('reports that %s says %s', (from, text, to) => {
    expect(forbidden(of({ [from]: text }))).toEqual([`${from} imports ${to}`])
  })

  test.each([
    ['core/x.ts', "import { a } from './y.ts'"],
    ['engines/script/a/x.ts', "import { a } from '../b/y.ts'"],
    ['layers/x.ts', "import { a } from '../engines/script/index.ts'"],
    ['config/x.ts', "import { a } from '../backends/discovery/index.ts'"],
    ['compose.ts', "import { a } from './front/index.ts'"],
    ['doors/x.ts', "import type { Running } from '../running.ts'"],
    ['layers/testing/x.ts', "import { a } from '../../stores/index.ts'"],
    ['core/x.ts', "import { a } from 'node:fs'"],
  ])('lets %s say %s', (from, text) => {
    expect(forbidden(of({ [from]: text }))).toEqual([])
  })

  test('reports a file in no room, an import of nothing, and a cycle', () => {
    const house = of({
      'utils/x.ts': "import { a } from './gone.ts'",
      'core/a.ts': "import { b } from './b.ts'",
      'core/b.ts': "import type { c } from './c.ts'",
      'core/c.ts': "import { a } from './a.ts'",
    })
    expect(homeless(house)).toEqual(['utils/x.ts'])
    expect(dangling(house)).toEqual(['utils/x.ts imports utils/gone.ts, which is not there'])
    expect(cycles(house)).toEqual(['core/a.ts → core/b.ts → core/c.ts → core/a.ts'])
  })

  test('reports a package that is not installed with what imports it', () => {
    const house = of({
      'core/x.ts': "import fc from 'fast-check'\nimport { z } from '@scope/pkg/deep'\nimport 'node:fs'",
      'core/y.ts': "const { pino } = await import('pino')",
      'core/testing/z.ts': "import fc from 'fast-check'",
    })
    expect(missingPackages(house, new Set(['pino']))).toEqual([
      'core/x.ts imports fast-check',
      'core/x.ts imports @scope/pkg',
    ])
  })

  test('reports what is too long', () => {
    const body = (lines: number) => '  x()\n'.repeat(lines)
    const house = of({
      'core/long.ts': body(401),
      'core/function.ts': `\nexport function f(a: A): B {\n${body(60)}}\n`,
      'core/method.ts': `class A {\n  f(): B {\n${body(30)}${body(40)}  }\n}\n`,
      'core/fine.ts': `if (a) {\n${body(100)}}\nconst f = () => {\n${body(50)}}\n`,
    })
    expect(tooLong(house)).toEqual([
      'core/long.ts has 401 lines',
      'core/function.ts:2 opens a function of 62 lines',
      'core/method.ts:2 opens a function of 72 lines',
    ])
  })
})
