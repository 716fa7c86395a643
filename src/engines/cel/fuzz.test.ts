import fc from 'fast-check'
import { expect, it } from 'vitest'
import { claimsExpressionFault, compileClaimsExpression } from './expression.ts'

const WORDS = [
  ...[
    'claims',
    'claims.sub',
    'claims["groups"]',
    'x',
    'true',
    'null',
    '"a"',
    "r'\\d'",
    'b"a"',
    '1',
    '1u',
    '0.5',
    '-',
  ],
  ...[
    '==',
    '!=',
    '<',
    '>=',
    '&&',
    '||',
    '!',
    'in',
    '?',
    ':',
    '+',
    '*',
    '/',
    '%',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    '.',
  ],
  ...[
    '.exists(x,',
    '.all(x,',
    '.map(x,',
    '.filter(x,',
    '.matches("',
    '.size()',
    'has(',
    'type(',
    'int(',
    'timestamp(',
    'string(',
  ],
]
const CLAIMS = { sub: 'alice', groups: ['a', 'b'], level: 3, nested: { a: [1, null, { b: true }] } }

/** Whatever it is, it is refused by name or answers. */
function judge(text: string): void {
  const fault = claimsExpressionFault(text)
  if (fault !== undefined) expect(fault.message).toMatch(/^.{3,}/s)
  else expect([true, false, undefined]).toContain(compileClaimsExpression(text)(CLAIMS))
}

it('no text makes the reader fail otherwise than by saying what is wrong', () => {
  fc.assert(fc.property(fc.string({ maxLength: 40, unit: 'grapheme' }), judge), { numRuns: 300 })
})

it('nor do words of the language in any order', () => {
  const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 14 })
  fc.assert(
    fc.property(words, (list) => judge(list.join(' '))),
    { numRuns: 1_500 },
  )
})

it('nor do expressions that are right but for one word', () => {
  const whole = 'claims.groups.exists(x, x.startsWith("a")) && !("act" in claims) || claims.level >= 3'
  const tokens: string[] = whole.match(/\w+|"[^"]*"|\W/g) ?? []
  const odd = fc.tuple(fc.nat(tokens.length - 1), fc.constantFrom('', ...WORDS))
  fc.assert(
    fc.property(odd, ([at, word]) => judge(tokens.with(at, word).join(''))),
    { numRuns: 500 },
  )
})
