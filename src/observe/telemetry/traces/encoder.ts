import type { Attributes, TraceContext } from '../../../core/trace.ts'
import { AttributeWriter, MOST_TEXT } from './attributes.ts'
import { ProtobufWriter, tagOf, WIRE } from './protobuf.ts'

/** What the spans of one tracer have in common. */
export interface Common {
  /** What they come from (`service.name` and others). */
  readonly resource: Attributes
  /** Of every span. */
  readonly attributes: Attributes
  readonly legacyAttributes: boolean
}

/** A span that has ended. */
export interface EndedSpan {
  readonly context: TraceContext
  readonly parent: TraceContext | undefined
  readonly link: TraceContext | undefined
  readonly kind: 'server' | 'client' | 'internal'
  readonly name: string
  /** What it shares with others, as far as there is such: its name is in there. */
  readonly shared: SharedPart | undefined
  readonly attributes: Attributes | undefined
  /** Milliseconds since 1970, an integer. */
  readonly startedAt: number
  readonly milliseconds: number
  readonly failure: SpanFailure | undefined
}

export interface SpanFailure {
  readonly type: string
  readonly message?: string | undefined
}

/** Name and attributes that many spans have, encoded. Those of the span itself have to be others. */
export class SharedPart {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

const SCOPE = 'vmcp'

// `Span` of opentelemetry/proto/trace/v1/trace.proto.
const TRACE_ID = tagOf(1, WIRE.bytes)
const SPAN_ID = tagOf(2, WIRE.bytes)
const TRACE_STATE = tagOf(3, WIRE.bytes)
const PARENT = tagOf(4, WIRE.bytes)
const NAME = tagOf(5, WIRE.bytes)
const KIND = tagOf(6, WIRE.varint)
const START = tagOf(7, WIRE.fixed64)
const END = tagOf(8, WIRE.fixed64)
const ATTRIBUTES = tagOf(9, WIRE.bytes)
const LINKS = tagOf(13, WIRE.bytes)
const STATUS = tagOf(15, WIRE.bytes)
const FLAGS = tagOf(16, WIRE.fixed32)
/** `Span.SpanKind`. */
const KINDS = { internal: 1, server: 2, client: 3 } as const
/** `Span.Link`, whose ids and state have the numbers of those of the span. */
const LINK_FLAGS = tagOf(6, WIRE.fixed32)
/** `Status`. */
const STATUS_MESSAGE = tagOf(2, WIRE.bytes)
const STATUS_CODE = tagOf(3, WIRE.varint)
const STATUS_ERROR = 2
/** `SpanFlags`: the eight of W3C, then whether the parent, or what is linked to, is said to be remote, and is. */
const SAMPLED = 0x01
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200

/** `ResourceSpans`, `Resource`, `ScopeSpans`, `InstrumentationScope`, and the request, by the numbers of their fields. */
const FIRST = tagOf(1, WIRE.bytes)
const SECOND = tagOf(2, WIRE.bytes)

/** Bytes of the tag and the length of a message, at most. */
const LONGEST_HEADER = 6
/** Bytes that a span takes, generously. */
const USUAL_SIZE = 1024

/**
 * Spans in the encoding of OTLP (opentelemetry-proto 1.x, protobuf). What many spans have in common is encoded once, so
 * that a span costs little even where few are recorded, and V8 does not take the pains to compile what encodes them.
 */
export class SpanEncoder {
  readonly #attributes: AttributeWriter
  readonly #common: Buffer
  /** What a request begins with: the resource, and the scope. */
  readonly #resource: Buffer
  readonly #scope: Buffer

  constructor({ resource, attributes, legacyAttributes }: Common) {
    this.#attributes = new AttributeWriter(ATTRIBUTES, legacyAttributes)
    this.#common = this.#attributes.encode(attributes)
    this.#resource = message(FIRST, new AttributeWriter(FIRST, false).encode(resource))
    this.#scope = message(FIRST, text(FIRST, SCOPE))
  }

  share(name: string, attributes: Attributes): SharedPart {
    return new SharedPart(
      Buffer.concat([text(NAME, name.slice(0, MOST_TEXT)), this.#attributes.encode(attributes)]),
    )
  }

  /** Writes a span as a field of `ScopeSpans`. */
  write(writer: ProtobufWriter, span: EndedSpan): void {
    const { context, parent, link, shared, attributes, failure } = span
    writer.varint(SECOND)
    const began = writer.begin()
    writeContext(writer, context)
    if (parent !== undefined) {
      writer.varint(PARENT)
      writer.id(parent.spanId)
    }
    if (shared !== undefined) writer.encoded(shared.bytes)
    else {
      writer.varint(NAME)
      writer.text(span.name)
    }
    writer.varint(KIND)
    writer.varint(KINDS[span.kind])
    writeTimes(writer, span)
    writer.encoded(this.#common)
    if (attributes !== undefined) this.#attributes.write(writer, attributes)
    if (failure !== undefined) this.#writeFailure(writer, failure)
    if (link !== undefined) writeLink(writer, link)
    writer.varint(FLAGS)
    writer.fixed32(SAMPLED | HAS_IS_REMOTE | (parent?.remote ? IS_REMOTE : 0))
    writer.end(began)
  }

  /** The request that brings the spans of a writer: `ExportTraceServiceRequest`. */
  request(spans: ProtobufWriter): Buffer {
    const scopeSize = this.#scope.length + spans.size
    const scopeSpans = header(SECOND, scopeSize)
    const resourceSize = this.#resource.length + scopeSpans.length + scopeSize
    return spans.finish(Buffer.concat([header(FIRST, resourceSize), this.#resource, scopeSpans, this.#scope]))
  }

  #writeFailure(writer: ProtobufWriter, { type, message }: SpanFailure): void {
    this.#attributes.write(writer, { 'error.type': type })
    writer.varint(STATUS)
    const began = writer.begin()
    if (message !== undefined) {
      writer.varint(STATUS_MESSAGE)
      writer.text(message.slice(0, MOST_TEXT))
    }
    writer.varint(STATUS_CODE)
    writer.varint(STATUS_ERROR)
    writer.end(began)
  }

  /** For the spans of one request. @param memory of a request that is done */
  writerFor(spans: number, memory: Buffer | undefined): ProtobufWriter {
    const headroom = this.#resource.length + this.#scope.length + 2 * LONGEST_HEADER
    return new ProtobufWriter(memory ?? Buffer.allocUnsafeSlow(headroom + spans * USUAL_SIZE), headroom)
  }
}

function writeContext(writer: ProtobufWriter, { traceId, spanId, state }: TraceContext): void {
  writer.varint(TRACE_ID)
  writer.id(traceId)
  writer.varint(SPAN_ID)
  writer.id(spanId)
  if (state === undefined) return
  writer.varint(TRACE_STATE)
  writer.text(state)
}

function writeTimes(writer: ProtobufWriter, { startedAt, milliseconds }: EndedSpan): void {
  writer.varint(START)
  writer.nanoseconds(startedAt, 0)
  writer.varint(END)
  writer.nanoseconds(startedAt, Math.round(milliseconds * 1_000_000))
}

function writeLink(writer: ProtobufWriter, link: TraceContext): void {
  writer.varint(LINKS)
  const began = writer.begin()
  writeContext(writer, link)
  writer.varint(LINK_FLAGS)
  writer.fixed32((link.sampled ? SAMPLED : 0) | HAS_IS_REMOTE | (link.remote ? IS_REMOTE : 0))
  writer.end(began)
}

function text(tag: number, value: string): Buffer {
  const writer = new ProtobufWriter(Buffer.allocUnsafe(64))
  writer.varint(tag)
  writer.text(value)
  return writer.finish()
}

function message(tag: number, bytes: Buffer): Buffer {
  return Buffer.concat([header(tag, bytes.length), bytes])
}

/** Of a message: its tag and its length. */
function header(tag: number, size: number): Buffer {
  const writer = new ProtobufWriter(Buffer.allocUnsafe(LONGEST_HEADER))
  writer.varint(tag)
  writer.varint(size)
  return writer.finish()
}
