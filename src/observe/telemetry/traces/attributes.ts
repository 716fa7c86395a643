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
/** Units of UTF-16 of a text that is kept until the next span. */
const LONGEST_KEPT = 256

/** What is known of a name. */
interface Known {
  /** The name, and its older one where that is written too, encoded. */
  readonly keys: readonly Buffer[]
  /** What it had the last time. */
  value: AttributeValue | undefined
  /** The attribute with that value, once it has come twice: the tag of the field too. */
  bytes: Buffer | undefined
}

/**
 * Writes attributes. The names, which are few, are encoded once, and what has the same value as the last time, as most of
 * what one client sends, is copied.
 */
export class AttributeWriter {
  readonly #tag: number
  readonly #legacy: boolean
  readonly #known = new Map<string, Known>()

  /**
   * @param tag of the field that the attributes are
   * @param legacy whether what has an older name is written by that too
   */
  constructor(tag: number, legacy: boolean) {
    this.#tag = tag
    this.#legacy = legacy
  }

  write(writer: ProtobufWriter, attributes: Attributes): void {
    for (const name in attributes) {
      const value = attributes[name]
      if (value !== undefined) this.#writeOne(writer, this.#knownOf(name), value)
    }
  }

  /** The same in a piece of its own, to be written again and again. */
  encode(attributes: Attributes): Buffer {
    const writer = new ProtobufWriter(Buffer.allocUnsafe(512))
    this.write(writer, attributes)
    return writer.finish()
  }

  #writeOne(writer: ProtobufWriter, known: Known, value: AttributeValue): void {
    if (known.value !== value) {
      known.value = typeof value === 'string' && value.length > LONGEST_KEPT ? undefined : value
      known.bytes = undefined
      this.#encode(writer, known.keys, value)
      return
    }
    known.bytes ??= this.#encoded(known.keys, value)
    writer.encoded(known.bytes)
  }

  #encoded(keys: readonly Buffer[], value: AttributeValue): Buffer {
    const writer = new ProtobufWriter(Buffer.allocUnsafe(128))
    this.#encode(writer, keys, value)
    return writer.finish()
  }

  #encode(writer: ProtobufWriter, keys: readonly Buffer[], value: AttributeValue): void {
    const written = typeof value === 'string' ? value.slice(0, MOST_TEXT) : value
    for (const key of keys) writeAttribute(writer, this.#tag, key, written)
  }

  #knownOf(name: string): Known {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const older = this.#legacy ? OLDER_NAMES[name] : undefined
    const keys = (older === undefined ? [name] : [name, older]).map(encodeKey)
    const made = { keys, value: undefined, bytes: undefined }
    this.#known.set(name, made)
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
