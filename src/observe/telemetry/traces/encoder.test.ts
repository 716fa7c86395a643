import { createTraceState, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decode, decodeWhole } from '../../../../test/fixtures/otlp/messages.ts'
import type { Attributes, TraceContext } from '../../../core/trace.ts'
import { type EndedSpan, SpanEncoder } from './encoder.ts'

type Serialized = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0]

const RESOURCE = { 'service.name': 'gate', 'service.version': '1.2.3', replicas: 3 }
const STAGE = { 'environment.STAGE': 'test' }

const digits = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((it) => Buffer.from(it).toString('hex'))
const context: fc.Arbitrary<TraceContext> = fc.record({
  traceId: digits(16),
  spanId: digits(8),
  sampled: fc.constant(true),
  state: fc.constantFrom(undefined, 'a=b', `long=${'x'.repeat(200)}`),
  remote: fc.boolean(),
})
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.integer({ min: 100, max: 8000 }).map((length) => 'é'.repeat(length)),
  fc.integer({ min: 100, max: 8000 }).map((length) => 'e'.repeat(length)),
)
const value = fc.oneof(
  text,
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((it) => !Number.isInteger(it)),
)
// No names that are numbers, which an object would put first.
const name = text.map((it) => `k.${it}`)
const attributes = fc.dictionary(name, value, { maxKeys: 12, noNullPrototype: true })
const span: fc.Arbitrary<EndedSpan> = fc.record({
  context,
  parent: fc.option(context, { nil: undefined }),
  link: fc.option(context, { nil: undefined }),
  kind: fc.constantFrom('server', 'client', 'internal'),
  name: text,
  shared: fc.constant(undefined),
  attributes: fc.option(attributes, { nil: undefined }),
  startedAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  milliseconds: fc.integer({ min: 0, max: 100_000_000 }).map((micros) => micros / 1000),
  failure: fc.option(fc.record({ type: text, message: fc.option(text, { nil: undefined }) }), {
    nil: undefined,
  }),
})

/** The same span as the SDK of OpenTelemetry has it. */
function toSdk(it: EndedSpan): Serialized[number] {
  const { parent, link, failure } = it
  const start = BigInt(it.startedAt) * 1_000_000n
  const end = start + BigInt(Math.round(it.milliseconds * 1_000_000))
  const state: Pick<Serialized[number], 'name' | 'kind' | 'attributes' | 'links' | 'status'> = {
    name: it.name,
    kind: { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL }[it.kind],
    attributes: { ...STAGE, ...defined(it.attributes), ...(failure && { 'error.type': failure.type }) },
    links: link === undefined ? [] : [{ context: contextOf(link) }],
    status: failure === undefined ? { code: SpanStatusCode.UNSET } : statusOf(failure.message),
  }
  return {
    ...state,
    spanContext: () => contextOf(it.context),
    ...(parent && { parentSpanContext: contextOf(parent) }),
    startTime: hrTime(start),
    endTime: hrTime(end),
    duration: hrTime(end - start),
    events: [],
    ended: true,
    resource: RESOURCE_OF_SDK,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

const RESOURCE_OF_SDK = resourceFromAttributes(RESOURCE)
const SCOPE = { name: 'vmcp' }

function statusOf(message: string | undefined) {
  return { code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) }
}

function contextOf({ traceId, spanId, state, remote }: TraceContext) {
  return {
    ...{ traceId, spanId, isRemote: remote, traceFlags: 1 },
    ...(state !== undefined && { traceState: createTraceState(state) }),
  }
}

function hrTime(nanos: bigint): [number, number] {
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}

function defined(given: Attributes | undefined) {
  return Object.fromEntries(
    Object.entries(given ?? {}).flatMap(([name, it]) => (it === undefined ? [] : [[name, it]])),
  )
}

/** Of a status that is not set, the SDK writes its code, which nobody can tell from nothing at all. */
function withoutEmptyStatus(request: object): unknown {
  return JSON.parse(JSON.stringify(request), (key, it) =>
    key === 'status' && it?.code === 0 && it.message === '' ? null : it,
  )
}

it('says what the serializer of OpenTelemetry says of the same spans', () => {
  const encoder = new SpanEncoder({ resource: RESOURCE, attributes: STAGE, legacyAttributes: false })
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 5 }), (once) => {
      // What has the same values as the span before it is written another way.
      const spans = once.flatMap((it) => [it, it, it])
      const writer = encoder.writerFor(1, undefined)
      for (const it of spans) encoder.write(writer, it)
      const ours = decodeWhole('traces', encoder.request(writer))
      const theirs = ProtobufTraceSerializer.serializeRequest(spans.map(toSdk)) ?? new Uint8Array()
      expect(withoutEmptyStatus(ours)).toEqual(withoutEmptyStatus(decodeWhole('traces', theirs)))
    }),
  )
})

it('says the same of what spans share, whose older names are there too where they are wanted', () => {
  const encoder = new SpanEncoder({ resource: RESOURCE, attributes: STAGE, legacyAttributes: true })
  const shared = encoder.share('tools/call x', { 'mcp.method.name': 'tools/call', none: undefined })
  const writer = encoder.writerFor(1, undefined)
  const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00f067aa0ba902b7' }
  encoder.write(writer, {
    context: { ...context, sampled: true, state: undefined, remote: false },
    ...{ parent: undefined, link: undefined, kind: 'server', name: 'unused', shared },
    ...{ attributes: { 'jsonrpc.request.id': '7' }, startedAt: 1, milliseconds: 0.5, failure: undefined },
  })
  expect(decodeWhole('traces', encoder.request(writer))).toMatchObject({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name' }, { key: 'service.version' }, { key: 'replicas' }] },
        scopeSpans: [
          {
            scope: { name: 'vmcp' },
            spans: [
              {
                ...{
                  name: 'tools/call x',
                  kind: 2,
                  startTimeUnixNano: '1000000',
                  endTimeUnixNano: '1500000',
                },
                attributes: [
                  { key: 'mcp.method.name', value: { stringValue: 'tools/call' } },
                  { key: 'mcp.method', value: { stringValue: 'tools/call' } },
                  { key: 'environment.STAGE', value: { stringValue: 'test' } },
                  { key: 'jsonrpc.request.id', value: { stringValue: '7' } },
                  { key: 'mcp.request.id', value: { stringValue: '7' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  })
})

it('cuts texts off that are beyond measure', () => {
  const encoder = new SpanEncoder({ resource: {}, attributes: {}, legacyAttributes: true })
  const writer = encoder.writerFor(1, undefined)
  const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00f067aa0ba902b7' }
  const long = 'x'.repeat(3_000_000)
  encoder.write(writer, {
    context: { ...context, sampled: true, state: undefined, remote: false },
    ...{ parent: undefined, link: undefined, kind: 'server', name: 'n', shared: undefined },
    ...{ attributes: { 'mcp.method.name': long }, startedAt: 1, milliseconds: 1 },
    failure: { type: 'x', message: long },
  })
  const request = encoder.request(writer)
  expect(request.length).toBeLessThan(30_000)
  const [span] = decode('traces', request).spans
  const kept = 'x'.repeat(8192)
  expect(span).toMatchObject({ message: kept, attributes: { 'mcp.method.name': kept, 'mcp.method': kept } })
})
