import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventStream } from './event-stream.ts'

function parse(chunks: readonly (string | Buffer)[], limit = 10_000) {
  const events: { type: string; data: string }[] = []
  let oversize = 0
  const stream = new EventStream({
    limit,
    event: ({ type, data }) => events.push({ type, data: data.toString() }),
    oversize: () => oversize++,
  })
  for (const chunk of chunks) stream.push(Buffer.from(chunk))
  return { events, stream, oversize: () => oversize }
}

describe('an event stream', () => {
  it('gives events with their type, and message where there is none', () => {
    const { events } = parse(['event: endpoint\ndata: /x\n\ndata:{"a":1}\n\n'])
    expect(events).toEqual([
      { type: 'endpoint', data: '/x' },
      { type: 'message', data: '{"a":1}' },
    ])
  })

  it('joins the data lines of one event by line breaks', () => {
    expect(parse(['data: {\ndata:  "a":1\ndata: }\n\n']).events[0]?.data).toBe('{\n "a":1\n}')
  })

  it('ignores comments, unknown fields, a byte order mark and an event that is not finished', () => {
    const { events } = parse(['\ufeff: keep-alive\n\nfoo: bar\ndata: 1\n\ndata: 2\n'])
    expect(events).toEqual([{ type: 'message', data: '1' }])
  })

  it('remembers the last id and the delay for reconnecting', () => {
    const { stream } = parse(['id: 7\nretry: 250\ndata:\n\n', 'id: 8\nretry: soon\n\n'])
    expect(stream.lastId).toBe('8')
    expect(stream.retryMs).toBe(250)
  })

  it('drops an event that is too large and goes on', () => {
    const { events, oversize } = parse(
      [`data: ${'x'.repeat(60)}\ndata: ${'y'.repeat(60)}\n\ndata: ok\n\n`],
      100,
    )
    expect(oversize()).toBe(1)
    expect(events).toEqual([{ type: 'message', data: 'ok' }])
  })

  it('tells of an event that grows too large at once, and again when it goes on', () => {
    const told: string[] = []
    const stream = new EventStream({
      limit: 100,
      event: () => told.push('event'),
      oversize: () => told.push('oversize'),
      endless: () => told.push('endless'),
    })
    stream.push(Buffer.from(`data: ${'x'.repeat(110)}`))
    expect(told).toEqual(['oversize'])
    for (let i = 0; i < 3; i++) stream.push(Buffer.from(`\ndata: ${'x'.repeat(60)}`))
    expect(told).toEqual(['oversize', 'endless'])
    stream.push(Buffer.from('\n\ndata: ok\n\n'))
    expect(told).toEqual(['oversize', 'endless', 'event'])
  })

  it('remembers no id that cannot be sent back in a header', () => {
    expect(
      parse(['id: 7\ndata:\n\n', 'id: \u0001\ndata:\n\n', `id: ${'x'.repeat(2_000)}\n\n`]).stream.lastId,
    ).toBe('7')
  })

  it('is the same with every kind of line break and however the bytes are cut', () => {
    const text = 'event: a\ndata: ä1\ndata: 2\n\n: c\n\ndata: {"x":"y"}\nid: 3\n\n'
    const wanted = parse([text]).events
    fc.assert(
      fc.property(fc.constantFrom('\n', '\r\n', '\r'), fc.integer({ min: 1, max: 9 }), (lineBreak, size) => {
        const bytes = Buffer.from(text.replaceAll('\n', lineBreak))
        const chunks: Buffer[] = []
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
        // A lone CR at the very end might be the half of a CRLF, yet it ends the event.
        expect(parse(chunks).events).toEqual(wanted)
      }),
    )
  })
})
