import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Limits } from './index.ts'
import { parseTemplate, TemplateError } from './index.ts'

const corpus = JSON.parse(readFileSync(new URL('./golden/corpus.json', import.meta.url), 'utf8')) as {
  readonly data: Readonly<Record<string, unknown>>
  readonly cases: readonly { readonly template: string }[]
}
const DATA = corpus.data['main']

function outcome(text: string, data: unknown = DATA, limits: Limits = {}): string | TemplateError {
  try {
    return parseTemplate(text).render(data, limits)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
}

describe('a template that would never end, or fill the memory, fails with a limit', () => {
  const doubled = `{{$x := "0123456789"}}${'{{$x = print $x $x}}'.repeat(40)}`
  const manyLoops = `${'{{range 1000}}'.repeat(50)}x${'{{end}}'.repeat(50)}`
  it.each([
    ['recursion', '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}'],
    [
      'mutual recursion',
      '{{define "a"}}{{template "b"}}{{end}}{{define "b"}}{{if true}}{{template "a"}}{{end}}{{end}}{{template "a"}}',
    ],
    [
      'branching recursion',
      '{{define "a"}}{{if lt . 2}}{{end}}{{range 9}}{{template "a" .}}{{end}}{{end}}{{template "a" 0}}',
    ],
    ['a long empty loop', '{{range 9000000000000000}}{{end}}'],
    ['loops in loops', manyLoops],
    ['loops of continue', '{{range 90000000}}{{continue}}{{end}}'],
    ['doubling text', doubled],
    ['a wide field', `{{printf "${'%9000000d'.repeat(3)}" 1 2 3}}`],
    ['wide fields in a list', '{{printf "%1000000v" .numbers}}'],
    ['a precise number', `{{printf "${'%.9000000f'.repeat(3)}" 1.5 1.5 1.5}}`],
    ['wide fields in a loop', '{{range 100000}}{{$x := printf "%1000000d" .}}{{end}}'],
    ['escapes that grow', `{{$x := "\\\\"}}${'{{$x = js $x}}'.repeat(60)}`],
    [
      'long text that is compared',
      `{{$x := printf "%9000000d" 1}}{{$y := printf "%9000000d" 1}}{{range 100000}}{{if eq $x $y}}{{end}}{{end}}`,
    ],
    [
      'long text that is measured',
      `{{$x := printf "%9000000d" 1}}{{range 100000}}{{if len $x}}{{end}}{{end}}`,
    ],
    [
      'JSON that is read again and again',
      `{{$x := printf "%9000000d" 1}}{{range 100000}}{{if fromJson $x}}{{end}}{{end}}`,
    ],
    ['long conditions in a loop', `{{range 100000}}{{if 0}}${'{{else if 0}}'.repeat(5000)}{{end}}{{end}}`],
    ['long argument lists in a loop', `{{range 1000000}}{{if print ${'0 '.repeat(5000)}}}{{end}}{{end}}`],
    ['deep parentheses', `{{${'('.repeat(5000)}1${')'.repeat(5000)}}}`],
    ['deep blocks', '{{if 1}}'.repeat(5000) + '{{end}}'.repeat(5000)],
    ['definitions within definitions', '{{block "a" .}}'.repeat(5000)],
    ['a reference of many names', `{{${'.a'.repeat(5000)}}}`],
    ['a number of many digits', `{{1${'0'.repeat(100_000)}}}`],
    ['a long template', 'x'.repeat(1024 * 1024 + 1)],
  ])('%s', (_, text) => {
    expect(outcome(text)).toMatchObject({ code: 'limit' })
  })

  it('data nested too deeply to print', () => {
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    for (const text of ['{{.}} ', '{{json .}}', '{{printf "%v" .}}'])
      expect(outcome(text, deep)).toMatchObject({ code: 'limit' })
    expect(outcome('{{if .}}y{{end}}', deep)).toBe('y')
  })

  it('data that contain themselves', () => {
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    for (const text of ['{{.}} ', '{{json .}}']) expect(outcome(text, loop)).toMatchObject({ code: 'limit' })
  })
})

describe('what is large but within bounds is done', () => {
  it.each([
    ['a long else-if chain', `{{if 0}}${'{{else if 0}}'.repeat(5000)}{{else}}end{{end}}`, 'end'],
    ['a long pipeline', `{{1${' | print'.repeat(5000)}}}`, '1'],
    ['a long chain of ||', `{{if 0 ${'|| 0 '.repeat(5000)}|| 1}}yes{{end}}`, 'yes'],
    ['many actions', '{{1}}'.repeat(20_000), '1'.repeat(20_000)],
    [
      'deep recursion',
      '{{define "a"}}{{if .n}}{{template "a" .n}}{{else}}end{{end}}{{end}}{{template "a" .}}',
      'end',
    ],
    ['nested blocks', `${'{{if 1}}'.repeat(190)}x${'{{end}}'.repeat(190)}`, 'x'],
    ['a loop over much', '{{range 100000}}x{{end}}', 'x'.repeat(100_000)],
  ])('%s', (_, text, output) => {
    let nested: Record<string, unknown> = { n: 0 }
    for (let i = 0; i < 400; i++) nested = { n: nested }
    expect(outcome(text, nested)).toBe(output)
  })
})

describe('limits can be set', () => {
  it.each<[string, Limits, string]>([
    ['steps', { steps: 100 }, '{{range 1000}}{{end}}'],
    ['output', { output: 10 }, '{{range 20}}x{{end}}'],
    ['output', { output: 10 }, '{{if print "0123456789" "0"}}{{end}}'],
    ['depth', { depth: 3 }, '{{if 1}}{{if 1}}{{if 1}}{{if 1}}{{end}}{{end}}{{end}}{{end}}'],
    ['time', { timeMs: 0 }, '{{range 5000}}{{end}}'],
  ])('%s: %j', (_, limits, text) => {
    expect(outcome(text)).toBeTypeOf('string')
    expect(outcome(text, DATA, limits)).toMatchObject({ code: 'limit' })
  })
})

describe('every text ends with a string or a TemplateError', () => {
  const LIMITS: Limits = { steps: 20_000, timeMs: 500 }
  const ends = (text: string, data: unknown = DATA) => {
    const result = outcome(text, data, LIMITS)
    if (typeof result === 'string') return !result.includes('<no value>')
    return result.line >= 1 && result.column >= 1 && result.message !== ''
  }

  it('of random characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => ends(text) && ends(`{{${text}}}`)),
    )
  })

  it('of random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        ends(`{{${Buffer.from(bytes).toString('utf8')}`),
      ),
    )
  })

  const TOKENS = [
    ...'{{|{{-|}}| -}}|(|)|,|:=|=|==|!=|<|<=|&&|if|else|end|range|with|define|block|template|break|continue|nil|.|$|$x|$y|.params'.split(
      '|',
    ),
    ...'||,.params.title,.params.tags,.params.x,.numbers,.users,"a",`b`,\'c\',\'accept\',1,-2,1.5,0x1F,true,false,"%v","%5.2f",/*,*/'.split(
      ',',
    ),
    ...'len index slice print printf println html js urlquery eq ne lt le gt ge and or not json quote fromJson default call'.split(
      ' ',
    ),
  ]
  const token = fc.constantFrom(...TOKENS)

  it('of random tokens', () => {
    const soup = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(' '))
    fc.assert(
      fc.property(soup, (text) => ends(text) && ends(`{{${text}}}`)),
      { numRuns: 500 },
    )
  })

  it('of random actions in well-formed blocks', () => {
    const action = fc.array(token, { minLength: 1, maxLength: 6 }).map((tokens) => `{{${tokens.join(' ')}}}`)
    const block = fc.tuple(fc.constantFrom('if', 'with', 'range'), token, fc.array(action, { maxLength: 3 }))
    const text = fc.array(
      fc.oneof(
        action,
        block.map(([kind, over, body]) => `{{${kind} ${over}}}${body.join('')}{{end}}`),
      ),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(text, (parts) => ends(parts.join(' '))),
      { numRuns: 500 },
    )
  })

  it('of the corpus with parts cut, doubled and exchanged', () => {
    const entry = fc.constantFrom(...corpus.cases.map(({ template }) => template))
    const mutation = fc.tuple(entry, entry, fc.nat(), fc.nat(), token).map(([a, b, i, j, inserted]) => {
      const cut = i % (a.length + 1)
      return a.slice(0, cut) + inserted + b.slice(j % (b.length + 1)) + a.slice(cut)
    })
    fc.assert(
      fc.property(mutation, (text) => ends(text)),
      { numRuns: 1000 },
    )
  })

  it('for random data', () => {
    const entry = fc.constantFrom(...corpus.cases.map(({ template }) => template))
    fc.assert(
      fc.property(entry, fc.jsonValue(), (text, data) => ends(text, data)),
      { numRuns: 500 },
    )
  })
})
