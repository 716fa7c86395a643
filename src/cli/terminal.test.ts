import { expect, test } from 'vitest'
import { createTerminal, resultsOnStderr } from './terminal.ts'

function streams(tty: boolean, env: Record<string, string> = {}) {
  const written = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof written) => ({
    isTTY: tty,
    write: (text: unknown) => {
      written[name] += text
      return true
    },
  })
  return { written, streams: { stdout: stream('stdout'), stderr: stream('stderr'), env } }
}

test('results go to stdout, remarks to stderr', () => {
  const { written, streams: to } = streams(false)
  const terminal = createTerminal(to)
  terminal.out('result')
  terminal.err('remark')
  terminal.json({ a: 1 })
  expect(written).toEqual({ stdout: 'result\n{"a":1}\n', stderr: 'remark\n' })
})

test('with the protocol on stdout nothing else is written there', () => {
  const { written, streams: to } = streams(false)
  resultsOnStderr(to).out('result')
  expect(written).toEqual({ stdout: '', stderr: 'result\n' })
})

test.each<[string, boolean, Record<string, string>, boolean]>([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
])('on %s, colours: %s', (_, tty, env, colored) => {
  expect(createTerminal(streams(tty, env).streams).colors.isColorSupported).toBe(colored)
})

test('a spinner turns on a terminal only, and log lines pass it unbroken', () => {
  const plain = streams(false)
  createTerminal(plain.streams).spin(() => 'waiting')()
  expect(plain.written.stderr).toBe('')
  const { written, streams: to } = streams(true)
  const terminal = createTerminal(to)
  const done = terminal.spin(() => 'waiting')
  terminal.write('log line\n')
  done()
  const clear = '\r\u001b[K'
  expect(written.stderr).toBe(`${clear}⠋ waiting${clear}log line\n${clear}`)
})

test('on a terminal a text is painted over the one before, cut to what fits', () => {
  const { written, streams: to } = streams(true)
  const paint = createTerminal({ ...to, stdout: { ...to.stdout, columns: 10 } }).repaint()
  paint?.('one\ntwo')
  paint?.('\u001b[31ma very long line\u001b[39m')
  expect(written.stdout).toBe('\r\u001b[Jone\ntwo\n\u001b[2A\r\u001b[J\u001b[31ma very lon\u001b[39m\n')
})

test('elsewhere nothing is painted over', () => {
  expect(createTerminal(streams(false).streams).repaint()).toBeUndefined()
  expect(createTerminal(streams(true, { TERM: 'dumb' }).streams).repaint()).toBeUndefined()
})
