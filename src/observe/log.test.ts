import { expect, test } from 'vitest'
import { createLog, type LogOptions } from './log.ts'

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'text', write: (line) => lines.push(line), ...options })
  return { log, lines }
}

test('text puts the level, the message and the facts on one line', () => {
  const { log, lines } = capture()
  log.info({ backend: 'github', count: 3 }, 'backend is ready')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}backend is ready backend=github count=3\n$/)
})

test('json gives one object per line', () => {
  const { log, lines } = capture({ format: 'json' })
  log.warn({ backend: 'github' }, 'backend is down')
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    level: 'warn',
    message: 'backend is down',
    backend: 'github',
  })
  expect(JSON.parse(lines[0] as string).time).toMatch(/^\d{4}-\d\d-\d\dT/)
})

test('lines below the level are not written', () => {
  const { log, lines } = capture({ level: 'warn' })
  log.info({}, 'no')
  log.debug({}, 'no')
  log.error({}, 'yes')
  expect(lines).toHaveLength(1)
})

test('what a backend says cannot forge a line or steer the terminal', () => {
  const { log, lines } = capture()
  log.info({ line: 'a\nERROR forged', other: '\u001b[2J\u202e' }, 'said\r\nmore')
  expect(lines[0]?.match(/\n/g)).toHaveLength(1)
  expect(lines[0]).not.toContain('\u001b')
  expect(lines[0]).not.toContain('\u202e')
})

test.each(['text', 'json'] as const)('%s shows stacks and causes at level debug only', (format) => {
  const error = new Error('outer', { cause: new Error('inner secret') })
  const plain = capture({ format })
  plain.log.error({ err: error }, 'failed')
  expect(plain.lines.join('')).toContain('outer')
  expect(plain.lines.join('')).not.toContain('inner')
  const full = capture({ format, level: 'debug' })
  full.log.error({ err: error }, 'failed')
  expect(full.lines.join('')).toContain('inner secret')
  expect(full.lines.join('')).toContain('log.test.ts')
})

test('colours appear only when asked for', () => {
  const colored = capture({ color: true })
  colored.log.error({}, 'x')
  expect(colored.lines[0]).toContain('\u001b[31m')
  const plain = capture()
  plain.log.error({}, 'x')
  expect(plain.lines[0]).not.toContain('\u001b')
})
