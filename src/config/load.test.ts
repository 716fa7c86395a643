import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { effort } from '../../test/fixtures/effort.ts'
import { formatDiagnostics } from './diagnostics.ts'
import { loadConfig } from './load.ts'
import { MINIMAL, parse } from './testing.ts'

describe('a configuration file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vmcp-config-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const write = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  const refusal = async (file: string) => {
    const result = await loadConfig(file, { env: {} })
    expect(result.ok).toBe(false)
    return formatDiagnostics(result.diagnostics)
  }

  it('is read from YAML and from JSON alike', async () => {
    const yaml = await loadConfig(await write('a.yaml', MINIMAL), { env: {} })
    const json = {
      name: 'demo',
      groupRef: 'dev',
      incomingAuth: { type: 'anonymous' },
      outgoingAuth: { source: 'inline' },
      aggregation: {
        conflictResolution: 'prefix',
        conflictResolutionConfig: { prefixFormat: '{workload}_' },
      },
    }
    const tabs = await loadConfig(await write('a.json', JSON.stringify(json, undefined, '\t')), { env: {} })
    expect(yaml.ok && tabs.ok && tabs.config).toEqual(yaml.ok && yaml.config)
    expect(tabs.diagnostics).toEqual([])
  })

  it('that does not exist is said so, without a stack trace', async () => {
    const file = join(folder, 'none.yaml')
    expect(await refusal(file)).toBe(
      `invalid configuration:\n${file}: error: the configuration cannot be read: no such file\n`,
    )
  })

  it('that is a directory, not UTF-8 or too large is said so', async () => {
    expect(await refusal(folder)).toContain('it is a directory')
    expect(await refusal(await write('latin.yaml', Buffer.from([0x6e, 0x3a, 0x20, 0xe9])))).toContain(
      'it is not UTF-8',
    )
    expect(await refusal(await write('big.yaml', '#'.repeat((1 << 20) + 1)))).toContain(
      'larger than 1048576 bytes',
    )
  })

  it('that may not be read is said so', async () => {
    const file = await write('secret.yaml', MINIMAL)
    await chmod(file, 0o000)
    // To the superuser everything is readable.
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.('nobody')
    const told = await refusal(file).finally(() => isRoot && process.seteuid?.(0))
    expect(told).toContain('permission denied')
  })

  it('beside which an authorization server is configured is refused, not half served', async () => {
    await write('authserver-config.yaml', 'issuer: http://x')
    expect(await refusal(await write('a.yaml', MINIMAL))).toContain(
      'authserver-config.yaml: error: the embedded authorization server is not supported by this version of vmcp',
    )
  })

  it('that names a certificate file nobody can read is refused at its line', async () => {
    const backends = `backends:
  - name: far
    transport: sse
    url: https://far.example/sse
    type: entry
    caBundlePath: ${join(folder, 'none.pem')}
`
    const file = await write('a.yaml', MINIMAL + backends)
    expect(await refusal(file)).toContain(`${file}:16:19: error: backends[0].caBundlePath: cannot read`)
    await write('none.pem', '')
    expect((await loadConfig(file, { env: {} })).ok).toBe(true)
  })

  it('looks for the certificate authorities of identity providers', async () => {
    const strategy = `{type: token_exchange, tokenExchange: {tokenUrl: https://i.example, caBundlePath: ${join(folder, 'idp.pem')}}}`
    const file = await write(
      'a.yaml',
      MINIMAL.replace('source: inline', `source: inline\n  backends: {b: ${strategy}}`),
    )
    expect(await refusal(file)).toContain('outgoingAuth.backends.b.tokenExchange.caBundlePath: cannot read')
    await write('idp.pem', '')
    expect((await loadConfig(file, { env: {} })).ok).toBe(true)
  })

  it('takes its environment from the process unless told otherwise', async () => {
    const file = await write(
      'a.yaml',
      MINIMAL.replace(
        'source: inline',
        'source: inline\n  default: {type: header_injection, headerInjection: {headerName: X-Path, headerValueEnv: PATH}}',
      ),
    )
    const result = await loadConfig(file)
    expect(result.ok && result.defaults.auth).toEqual({
      type: 'header_injection',
      headerName: 'X-Path',
      headerValue: process.env['PATH'],
    })
  })
})

describe('what is not YAML', () => {
  const places = (text: string) =>
    parse(text).diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`)

  it('is refused with line and column', () => {
    expect(places('name: [a\ngroupRef: b\n')[0]).toMatch(/^2:1 /)
    expect(places('name: a\n\tgroupRef: b\n')[0]).toMatch(/^2:1 .*tabs/)
    expect(places('name: "a\n')[0]).toMatch(/^2:1 .*quote/)
  })

  it('or is more than one document, or another version, is refused', () => {
    expect(places('name: a\n---\nname: b\n')).toEqual(['2:1 the file holds several documents; expected one'])
    expect(places('%YAML 1.1\n---\nname: a\n')[0]).toContain('YAML 1.1 is not read')
  })

  it('is refused when it is empty or no mapping', () => {
    expect(places('')).toEqual(['0:0 the file is empty'])
    expect(places('- a\n')).toEqual(['1:1 expected a mapping, found a list'])
    expect(places('text')).toEqual(['1:1 expected a mapping, found text'])
  })

  it('tells of every duplicate key where it stands', () => {
    const result = parse(
      `${MINIMAL}name: again\nbackends:\n  - {name: a, name: b, transport: stdio, command: c}\n`,
    )
    expect(
      result.diagnostics.map(({ line, column, path, message }) => [line, column, path, message]),
    ).toEqual([
      [11, 1, 'name', 'duplicate key; first given in line 1'],
      [13, 15, 'backends[0].name', 'duplicate key; first given in line 13'],
    ])
  })

  it('may not have keys that are no text, nor __proto__', () => {
    expect(places(`${MINIMAL}? [a]\n: b\n`)).toEqual(['11:3 expected a key that is text'])
    expect(places(`${MINIMAL}metadata: {__proto__: x}\n`)).toEqual(['11:12 the key __proto__ is not allowed'])
    expect(places(`${MINIMAL}metadata: {1: x, true: y}\n`)).toEqual([])
    expect(places(`${MINIMAL}metadata: {a: .inf}\n`)[0]).toContain(
      'expected text, a number, true, false or null',
    )
  })
})

describe('anchors and aliases', () => {
  it('stand for what they name, and << merges', () => {
    const result = parse(`${MINIMAL}backends:
  - &first {name: a, transport: stdio, command: run, env: {A: "1"}}
  - <<: *first
    name: b
`)
    expect(result.diagnostics).toEqual([])
    expect(parse(`${MINIMAL}metadata: {"<<": x}\n`).ok).toBe(true)
    expect(result.ok && result.config.backends.map(({ name, transport }) => [name, transport])).toEqual([
      ['a', 'stdio'],
      ['b', 'stdio'],
    ])
  })

  it('cannot grow a small file without bound, nor contain themselves', () => {
    const bomb = ['a: &a0 [x,x,x,x,x,x,x,x,x,x]']
    for (let i = 1; i < 12; i++)
      bomb.push(
        `b${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(',')}]`,
      )
    const spent = effort()
    expect(parse(bomb.join('\n')).diagnostics.map(({ message }) => message)).toContain(
      'more than 100000 values, aliases followed',
    )
    expect(spent()).toBeLessThan(5000)
    expect(parse('a: &a [*a]').diagnostics.map(({ message }) => message)).toContain(
      'the alias *a contains itself',
    )
    expect(formatDiagnostics(parse('a: *nobody').diagnostics)).toContain('nobody')
  })

  it('and nesting have an end', () => {
    const deep = `${MINIMAL}metadata: ${'['.repeat(150)}${']'.repeat(150)}\n`
    expect(parse(deep).diagnostics.map(({ message }) => message)).toContain('nested deeper than 100 levels')
    expect(parse('['.repeat(100_000)).ok).toBe(false)
    expect(parse('{a: '.repeat(50_000)).ok).toBe(false)
  })
})
