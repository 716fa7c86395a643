import { describe, expect, it } from 'vitest'
import { effort } from '../../../test/fixtures/effort.ts'
import { claimsExpressionFault, compileClaimsExpression } from './expression.ts'

const ALICE = {
  sub: 'alice',
  email: 'alice@example.com',
  groups: ['admins', 'dev'],
  level: 3,
  act: null,
  realm: { roles: ['viewer'] },
}

describe('an expression over claims', () => {
  it.each([
    ['"admins" in claims["groups"]', true],
    ['"admin" in claims.groups', false],
    ['"admins" in claims.groups && !("nope" in claims)', true],
    ['claims.level >= 3 && claims.level < 4.5', true],
    ['claims.email.endsWith("@example.com")', true],
    ['claims.email.matches("^[a-z]+@example[.]com$")', true],
    ['claims.groups.exists(g, g.startsWith("ad"))', true],
    ['has(claims.realm.roles) && size(claims.realm.roles) == 1', true],
    ['has(claims.nope) ? claims.nope == 1 : false', false],
    ['claims.act == null', true],
    ['claims.nope == "x" || claims.sub == "alice"', true],
    ['claims.groups.filter(g, g != "dev").map(g, g + "!") == ["admins!"]', true],
    ['type(claims.sub) == string', true],
    ['{"alice": true}[claims.sub]', true],
  ])('%s is %s of Alice', (text, answer) => {
    expect(claimsExpressionFault(text)).toBeUndefined()
    expect(compileClaimsExpression(text)(ALICE)).toBe(answer)
  })

  it.each([
    'claims.nope == "x"',
    // A text is no list: whoever has the role "administrator-readonly" is no "admin".
    '"ali" in claims.sub',
    'claims.email.endsWith(claims.level)',
    'claims.sub',
    'claims.groups',
  ])('%s says nothing of Alice', (text) => {
    expect(compileClaimsExpression(text)(ALICE)).toBeUndefined()
  })

  it.each([
    ['claims.sub == "a" ||', 'found | cannot stand here', 1, 19],
    ['claims.sub ==\n  "a" x', 'found x cannot stand here', 2, 7],
    ['claim.sub == "a"', 'there is no claim; the claims of the caller are in claims', 1, 1],
    ['true && claims.sub.lower() == "a"', 'there is no function lower', 1, 19],
    ['claims.sub.matches("(?=a)")', 'is not a pattern in RE2 syntax', 1, 20],
    ['claims.sub.matches(claims.email)', 'the pattern of matches must be written out', 1, 11],
    [
      'claims.a.all(x, claims.b.exists(y, x == y))',
      'loops (all, exists, map, filter) may not be nested',
      1,
      25,
    ],
    [
      'google.protobuf.Timestamp{seconds: 1} == claims.x',
      'google.protobuf.Timestamp is no type that claims have',
      1,
      1,
    ],
    ['"admins"', 'is not true or false', 1, 1],
    ['1 + 2', 'is not true or false', 1, 2],
    ['', 'found end of input cannot stand here', 1, 1],
  ])('%s is refused with its place', (text, message, line, column) => {
    expect(claimsExpressionFault(text)).toEqual({ message, at: expect.objectContaining({ line, column }) })
    expect(() => compileClaimsExpression(text)).toThrow(message)
  })

  it.each(['('.repeat(2_000), '['.repeat(2_000), 'a'.repeat(5_000)])(
    'what would exhaust the reader is refused (case %#)',
    (text) => {
      expect(claimsExpressionFault(text)).toBeDefined()
    },
  )

  it('is evaluated in bounded time, whatever the caller brings', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `group-${i}`)
    const claims = { a: many, b: many, text: 'a'.repeat(100_000) }
    const spent = effort()
    expect(compileClaimsExpression('claims.a.all(x, x in claims.b)')(claims)).toBe(true)
    expect(compileClaimsExpression('claims.text.matches("(a+)+$!")')(claims)).toBe(false)
    expect(spent()).toBeLessThan(2_000)
    expect(() => compileClaimsExpression('"x" in claims.a')({ a: [...many, 'x'] })).toThrow('more than 1000')
  })
})
