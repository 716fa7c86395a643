import type { Attributes, AttributeValue } from '../../../core/trace.ts'
import { OLDER_NAMES } from './older-names.ts'
import { ProtobufWriter, tagOf, utf8Size, varintSize, WIRE } from './protobuf.ts'

// `KeyValue` and `AnyValue` of opentelemetry/proto/common/v1/common.proto.
const KEY = tagOf(1, WIRE.bytes)
const VALUE = tagOf(2, WIRE.bytes)
const STRING = tagOf(1, WIRE.bytes)
const BOOL = tagOf(2, WIRE.varint)
const INT = tagOf(3, WIRE.varint)
const DOUBLE = tagOf(4, WIRE.fixed64)

/** Units of UTF-16 of a text, of which more is left out: methods, URIs and names of clients may be of any length. */
export const MOST_TEXT = 8192

/** Writes attributes; the names, which are few, are encoded once. */
export class AttributeWriter {
  readonly #legacy: boolean
  readonly #keys = new Map<string, readonly Buffer[]>()

  /** @param legacy whether what has an older name is written by that too */
  constructor(legacy: boolean) {
    this.#legacy = legacy
  }

  /** @param tag of the field that they are */
  write(writer: ProtobufWriter, tag: number, attributes: Attributes): void {
    for (const name in attributes) {
      const value = attributes[name]
      if (value === undefined) continue
      const written = typeof value === 'string' ? value.slice(0, MOST_TEXT) : value
      for (const key of this.#keysOf(name)) writeAttribute(writer, tag, key, written)
    }
  }

  /** The same in a piece of its own, to be written again and again. */
  encode(tag: number, attributes: Attributes): Buffer {
    const writer = new ProtobufWriter(Buffer.allocUnsafe(512))
    this.write(writer, tag, attributes)
    return writer.finish()
  }

  #keysOf(name: string): readonly Buffer[] {
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const older = this.#legacy ? OLDER_NAMES[name] : undefined
    const made = (older === undefined ? [name] : [name, older]).map(encodeKey)
    this.#keys.set(name, made)
    return made
  }
}

function encodeKey(name: string): Buffer {
  const writer = new ProtobufWriter(Buffer.allocUnsafe(64))
  writer.varint(KEY)
  writer.text(name)
  return writer.finish()
}

function writeAttribute(writer: ProtobufWriter, tag: number, key: Buffer, value: AttributeValue): void {
  const textSize = typeof value === 'string' ? utf8Size(value) : 0
  const size = valueSize(value, textSize)
  writer.varint(tag)
  writer.varint(key.length + 1 + varintSize(size) + size)
  writer.encoded(key)
  writer.varint(VALUE)
  writer.varint(size)
  if (typeof value === 'string') {
    writer.varint(STRING)
    writer.text(value, textSize)
  } else if (typeof value === 'boolean') {
    writer.varint(BOOL)
    writer.varint(Number(value))
  } else if (Number.isSafeInteger(value)) {
    writer.varint(INT)
    writer.int64(value)
  } else {
    writer.varint(DOUBLE)
    writer.double(value)
  }
}

/** Bytes of an `AnyValue`. */
function valueSize(value: AttributeValue, textSize: number): number {
  if (typeof value === 'string') return 1 + varintSize(textSize) + textSize
  if (typeof value === 'boolean') return 2
  if (!Number.isSafeInteger(value)) return 9
  return 1 + (value < 0 ? 10 : varintSize(value))
}
