import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { payloadText } from './payload.ts'
import { isSecretName } from './secret-names.ts'

const write = (value: unknown, maxDataSize = 1024, pointers: string[][] = []) =>
  payloadText(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), {
    maxDataSize,
    pointers,
  })

const read = (text: string) => JSON.parse(text) as Record<string, unknown>

describe('a payload in the audit log', () => {
  it('is the JSON that was sent, without its white space', () => {
    expect(write('{ "a" : [ 1.50, -2e9, true, null, "x y" ],\n "b": {} }')).toBe(
      '{"a":[1.50,-2e9,true,null,"x y"],"b":{}}',
    )
    expect(write('{"big":12345678901234567890}')).toBe('{"big":12345678901234567890}')
  })

  it('holds no secrets, whatever is under their names, however these are written', () => {
    const secret = 'hunter2'
    const text = write({
      Authorization: `Bearer ${secret}`,
      user: { name: 'ada', db_password: secret, 'api-key': { value: secret }, clientSecret: [secret] },
      list: [{ TOKEN: secret }],
    })
    expect(text).not.toContain(secret)
    expect(read(text)).toEqual({
      Authorization: '[redacted]',
      user: { name: 'ada', db_password: '[redacted]', 'api-key': '[redacted]', clientSecret: '[redacted]' },
      list: [{ TOKEN: '[redacted]' }],
    })
    expect(write('{"p\\u0061ssword":"hunter2"}')).toBe('{"p\\u0061ssword":"[redacted]"}')
  })

  it('holds nothing that a pointer leads to', () => {
    const payload = { arguments: { card: '4111', items: [{ n: 1 }, { n: 2 }], 'a/b': 3 }, card: 'kept' }
    const pointers = [
      ['arguments', 'card'],
      ['arguments', 'items', '1', 'n'],
      ['arguments', 'a/b'],
    ]
    expect(read(write(payload, 1024, pointers))).toEqual({
      arguments: { card: '[redacted]', items: [{ n: 1 }, { n: '[redacted]' }], 'a/b': '[redacted]' },
      card: 'kept',
    })
  })

  it('holds no secrets in text that is JSON itself, as tools return it', () => {
    const inner = JSON.stringify({ token: 'hunter2', rows: 1, more: JSON.stringify({ password: 'hunter2' }) })
    const text = write({ content: [{ type: 'text', text: ` \n${inner}` }] })
    expect(text).not.toContain('hunter2')
    expect(text).toContain('rows')
    expect(write({ text: '{not json, password: x}' })).toContain('{not json, password: x}')
  })

  it('does not look into long text that may be JSON, and does not write it', () => {
    const inner = JSON.stringify({ filler: 'x'.repeat(70_000), token: 'hunter2' })
    expect(write({ text: inner }, 30_000)).toMatch(/^\{"text":"\[JSON text of \d+ bytes\]"\}$/)
  })

  it('is cut where it is too large, with its size, and is JSON still', () => {
    const payload = { password: 'hunter2', text: 'ä'.repeat(5000) }
    const cut = read(write(payload, 100))
    expect(cut).toMatchObject({ truncated: true, bytes: Buffer.byteLength(JSON.stringify(payload)) })
    expect(cut['start']).toMatch(/^\{"password":"\[redacted\]","text":"ä+$/)
    expect(Buffer.byteLength(cut['start'] as string)).toBeLessThanOrEqual(100)
    expect(read(write(payload, 0))).toMatchObject({ truncated: true, start: '' })
  })

  it('is told as text where a scalar in it is none', () => {
    expect(read(write('{"a":tru}'))).toEqual({ truncated: true, bytes: 9, start: '{"a":tru}' })
  })

  it('is valid JSON on one line, and whole where there is room, for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(200), (value, size) => {
        const plain = write({ value }, 1_000_000)
        const holds = (it: unknown): boolean =>
          typeof it === 'object' &&
          it !== null &&
          Object.entries(it).some(([key, member]) => isSecretName(key) || holds(member))
        if (!holds(value) && !JSON.stringify(value).includes('"{') && !JSON.stringify(value).includes('"[')) {
          expect(read(plain)).toEqual(JSON.parse(JSON.stringify({ value })))
        }
        const cut = write({ value }, size)
        expect(cut).not.toContain('\n')
        read(cut)
      }),
    )
  })
})

describe('the name of a secret', () => {
  it.each(['password', 'PASSWORD', 'x-api-key', 'githubToken', 'set-cookie', 'aws_secret_access_key', 'jwt'])(
    '%s is one',
    (name) => expect(isSecretName(name)).toBe(true),
  )
  it.each(['progressToken', 'max_tokens', 'tokenizer', 'author', 'keyboard', 'secretary', 'name'])(
    '%s is none',
    (name) => expect(isSecretName(name)).toBe(false),
  )
})
