import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from './errors.ts'
import { RawObject } from './raw.ts'

const scan = (text: string, descend?: readonly string[]) => RawObject.scan(Buffer.from(text), descend)

/** What `work` throws, provided that it is an error of ours. */
function refusal(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof GatewayError) return error.code
    throw error
  }
}

const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 })

/** Strings that dwell around the length where the walk gives way to the native search. */
const awkward = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', '\\', 'a', '{', '}', ',', 'é', '\n', '😀'), maxLength: 90 }),
  fc
    .tuple(
      fc.integer({ min: 20, max: 44 }),
      fc.string({ unit: fc.constantFrom('"', '\\', 'x'), maxLength: 12 }),
    )
    .map(([length, tail]) => 'y'.repeat(length) + tail),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

/** One string in the spellings that JSON allows for it. */
function spell(text: string, escapeAll: boolean): string {
  if (!escapeAll) return JSON.stringify(text)
  const units = Array.from({ length: text.length }, (_, i) =>
    text.charCodeAt(i).toString(16).padStart(4, '0'),
  )
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`
}

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'params', '_meta', 'result', '', 'é', '__proto__') },
  { weight: 1, arbitrary: awkward },
)

const scalar = fc.oneof(
  awkward.map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '0',
    '-1.5e+10',
    '9007199254740993',
    'true',
    'false',
    'null',
    '{}',
    '[]',
    '[{}]',
    '{"a":[1]}',
  ),
)

const { json } = fc.letrec<{ json: string; object: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('object'),
    fc
      .tuple(space, fc.array(fc.tuple(space, tie('json'), space), { maxLength: 3 }))
      .map(([blank, items]) => `[${items.length ? items.map((it) => it.join('')).join(',') : blank}]`),
  ),
  object: objectText(tie('json')),
}))

function objectText(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const member = fc.tuple(space, name, fc.boolean(), space, space, value, space)
  return fc.tuple(space, fc.array(member, { maxLength: 5 })).map(([blank, members]) => {
    const texts = members.map(
      ([before, key, escaped, a, b, text, after]) =>
        `${before}${spell(key, escaped)}${a}:${b}${text}${after}`,
    )
    return `{${texts.length > 0 ? texts.join(',') : blank}}`
  })
}

const object = fc.tuple(space, objectText(json), space).map((parts) => parts.join(''))

/** Own members of a parsed object; `__proto__` is one like any other. */
const own = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined

/** Every answer of the raw object is what JSON.parse says. */
function agrees(raw: RawObject, parsed: Record<string, unknown>): void {
  expect(raw.parse()).toStrictEqual(parsed)
  expect(JSON.parse(raw.bytes.toString())).toStrictEqual(parsed)
  expect(new Set(raw.keys)).toStrictEqual(new Set(Object.keys(parsed)))
  for (const key of [...Object.keys(parsed), 'absent', 'a', '_meta', 'é', 'toString']) {
    const value = own(parsed, key)
    expect(raw.has(key)).toBe(Object.hasOwn(parsed, key))
    expect(raw.value(key)).toStrictEqual(value)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    expect(raw.object(key)?.parse()).toStrictEqual(isObject ? value : undefined)
  }
}

describe('what JSON.parse reads', () => {
  test('is read the same, whatever the spacing, spelling, nesting and repetition', () => {
    fc.assert(
      fc.property(object, fc.subarray(['a', '_meta', 'params', 'é']), (text, descend) => {
        agrees(scan(text, descend), JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  test('keeps the text of a member to the letter', () => {
    const raw = scan('{ "n" : 9007199254740993, "o":{"b" :1,"a": [ ] } }')
    expect(raw.text('n')).toBe('9007199254740993')
    expect(raw.text('o')).toBe('{"b" :1,"a": [ ] }')
    expect(raw.text('absent')).toBeUndefined()
  })

  test('strings end where they end, whatever stands before the closing quote', () => {
    fc.assert(
      fc.property(awkward, awkward, fc.nat(300), (first, second, filler) => {
        const value = { a: 'z'.repeat(filler) + first, [second]: first + second, b: 1 }
        agrees(scan(JSON.stringify(value)), JSON.parse(JSON.stringify(value)))
      }),
      { numRuns: 1000 },
    )
  })

  test('long text that changes between plain and escaped is read to its end', () => {
    const stretch = fc.constantFrom(
      '"',
      '\\',
      'plain '.repeat(30),
      'say "hi"\n',
      '{"k":"v"},',
      'x'.repeat(500),
    )
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 20, maxLength: 300 }), (parts) => {
        const text = parts.join('')
        expect(scan(JSON.stringify({ text, after: 1 })).value('text')).toBe(text)
      }),
      { numRuns: 200 },
    )
  })

  test('invalid UTF-8 is read as JSON.parse would read it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 12 }), (key, value) => {
        const clean = (bytes: Uint8Array) =>
          Buffer.from(bytes.filter((it) => it > 0x1f && it !== 0x22 && it !== 0x5c))
        const bytes = Buffer.concat([
          Buffer.from('{"'),
          clean(key),
          Buffer.from('":"'),
          clean(value),
          Buffer.from('","a":1}'),
        ])
        agrees(RawObject.scan(bytes), JSON.parse(bytes.toString()))
      }),
    )
  })
})

describe('what JSON.parse refuses', () => {
  function isObjectText(text: string): boolean {
    try {
      const value = JSON.parse(text)
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    } catch {
      return false
    }
  }

  /** Scanned at all, broken text still differs from JSON only within its scalars and strings. */
  function refusedOrHarmless(bytes: Buffer): void {
    let raw: RawObject
    try {
      raw = RawObject.scan(bytes, ['a', '_meta'])
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError)
      expect((error as GatewayError).code).toBe('parse')
      expect(isObjectText(bytes.toString())).toBe(false)
      return
    }
    if (refusal(() => raw.parse()) === 'parse') expect(() => JSON.parse(bytes.toString())).toThrow()
    else agrees(raw, JSON.parse(bytes.toString()))
    for (const key of raw.keys) refusal(() => raw.value(key))
    // What was accepted stays one value wherever it is put.
    expect(scan(`{"result":${bytes.toString()},"id":1}`).value('id')).toBe(1)
  }

  test('truncated messages are refused', () => {
    fc.assert(
      fc.property(object, fc.nat(), (text, cut) => {
        const bytes = Buffer.from(text.trim())
        expect(refusal(() => RawObject.scan(bytes.subarray(0, cut % bytes.length)))).toBe('parse')
      }),
      { numRuns: 1000 },
    )
  })

  test('bytes that flip, vanish or come in are refused, or do no harm', () => {
    const edit = fc.record({
      at: fc.nat(),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[],:"\\ \n1'))),
    })
    const kind = fc.constantFrom('flip', 'insert', 'remove')
    fc.assert(
      fc.property(object, fc.array(fc.tuple(kind, edit), { minLength: 1, maxLength: 3 }), (text, edits) => {
        let bytes = Buffer.from(text)
        for (const [how, { at, byte }] of edits) {
          const place = at % (bytes.length + 1)
          const after = how === 'insert' ? place : place + 1
          const put = how === 'remove' ? [] : [byte]
          bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from(put), bytes.subarray(after)])
        }
        refusedOrHarmless(bytes)
      }),
      { numRuns: 2500 },
    )
  })

  test('any bytes at all are refused, or do no harm', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '"a"',
      '1',
      ' ',
      '\n',
      'true',
      '\\u0061',
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 25 }), (tokens) =>
        refusedOrHarmless(Buffer.from(`{${tokens.join('')}`)),
      ),
      { numRuns: 2500 },
    )
  })

  test('a member that is no JSON is refused when it is read, without quoting it', () => {
    const raw = scan('{"a":secret}')
    expect(refusal(() => raw.value('a'))).toBe('parse')
    expect(() => raw.value('a')).not.toThrow(/secret/)
  })
})

describe('an edit', () => {
  const change = fc.oneof(fc.constant(undefined), json)
  const changes = fc.dictionary(name, change, { maxKeys: 4, noNullPrototype: true })

  /** What an edit is to give, member by member. */
  function edited(
    text: string,
    edits: Readonly<Record<string, string | undefined>>,
  ): Record<string, unknown> {
    const wanted = Object.entries(JSON.parse(text)).filter(([key]) => !Object.hasOwn(edits, key))
    const set = Object.entries(edits).filter(([, to]) => to !== undefined)
    return Object.fromEntries([...wanted, ...set.map(([key, to]) => [key, JSON.parse(to as string)])])
  }

  test('sets and drops members anywhere, and leaves all others', () => {
    fc.assert(
      fc.property(object, changes, (text, edits) => {
        const raw = scan(text, ['_meta'])
        agrees(raw.with(edits), edited(text, edits))
        expect(JSON.parse(raw.bytesWith(edits).toString())).toStrictEqual(edited(text, edits))
        expect(raw.textWith(edits)).toBe(raw.bytesWith(edits).toString())
        agrees(raw, JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  test('of every set of members of an object is sound', () => {
    const text = ' {"a":1 , "b" : [2] ,\n"c":{"d":3}, "e":"4" } '
    const keys = ['a', 'b', 'c', 'e']
    for (let set = 0; set < 16; set++) {
      for (const to of [undefined, '"new"']) {
        const edits = Object.fromEntries(keys.filter((_, i) => set & (1 << i)).map((key) => [key, to]))
        agrees(scan(text).with(edits), edited(text, edits))
        agrees(
          scan(text).without(Object.keys(edits)),
          edited(text, to === undefined ? edits : {}) && drop(text, edits),
        )
      }
    }
  })

  const drop = (text: string, edits: object) =>
    Object.fromEntries(Object.entries(JSON.parse(text)).filter(([key]) => !Object.hasOwn(edits, key)))

  test('keeps the bytes and the order of what it leaves', () => {
    const raw = scan('{"z" : 1.0, "a":12345678901234567890,"m":{"x" :1}}')
    expect(raw.with({ a: undefined }).toString()).toBe('{"z" : 1.0,"m":{"x" :1}}')
    expect(raw.with({ new: 'true' }).toString()).toBe(
      '{"z" : 1.0, "a":12345678901234567890,"m":{"x" :1},"new":true}',
    )
  })

  test('that changes nothing copies nothing', () => {
    const bytes = Buffer.from('{"a":1}')
    const raw = RawObject.scan(bytes)
    expect(raw.with({ b: undefined })).toBe(raw)
    expect(raw.without(['b'])).toBe(raw)
    expect(raw.bytesWith({}).buffer).toBe(bytes.buffer)
  })

  test('drops every one of several members with one name', () => {
    expect(scan('{"a":1,"b":2,"a":3}').with({ a: undefined }).toString()).toBe('{"b":2}')
    expect(scan('{"a":1,"b":2,"\\u0061":3}').without(['a']).toString()).toBe('{"b":2}')
  })

  test('without members is the same as with them dropped, also one after the other', () => {
    fc.assert(
      fc.property(
        object,
        fc.array(name, { maxLength: 12 }),
        fc.array(name, { maxLength: 3 }),
        (text, first, then) => {
          const gone = Object.fromEntries([...first, ...then].map((key) => [key, undefined]))
          const raw = scan(text).without(first).without(then)
          agrees(raw, drop(text, gone))
          agrees(raw.with({ extra: '1' }), { ...drop(text, gone), extra: 1 })
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('an object of our own making is what was put in', () => {
  agrees(RawObject.of({ a: [1, { b: 'c' }], d: undefined }), { a: [1, { b: 'c' }] })
  agrees(RawObject.empty, {})
  expect(RawObject.empty.with({ a: '1' }).toString()).toBe('{"a":1}')
})
