const NOTHING = new Uint8Array()
const WORD = 2 ** 32
/** In one millisecond. */
const NANOSECONDS = 1_000_000
/** Milliseconds are split in two, so that the nanoseconds of either fit into a number. */
const PART = 2 ** 20
const PART_OF_UPPER = WORD / PART

/** How a field is written (protobuf, encoding, message structure). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** The tag of a field, of which all here are below 16 or need two bytes at most. */
export function tagOf(field: number, wire: (typeof WIRE)[keyof typeof WIRE]): number {
  return field * 8 + wire
}

/** Messages of protobuf, written into one buffer that is replaced by a larger one where it is full. */
export class ProtobufWriter {
  readonly #start: number
  #bytes: Buffer
  #at: number

  /** @param headroom bytes left free, for what comes before */
  constructor(memory: Buffer, headroom = 0) {
    this.#bytes = memory
    this.#start = headroom
    this.#at = headroom
  }

  /** How many bytes are written. */
  get size(): number {
    return this.#at - this.#start
  }

  get memory(): Buffer {
    return this.#bytes
  }

  /**
   * What is written. It is not copied: nothing may be written any more.
   * @param head goes before it, into the headroom
   */
  finish(head: Uint8Array = NOTHING): Buffer {
    this.#bytes.set(head, this.#start - head.length)
    return this.#bytes.subarray(this.#start - head.length, this.#at)
  }

  /** What has been encoded before: whole fields. */
  encoded(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** @param value an integer from 0 to 2⁵³ */
  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#at++] = rest
  }

  /** @param value a safe integer; negative ones take ten bytes */
  int64(value: number): void {
    if (value >= 0) this.varint(value)
    else {
      this.#reserve(10)
      let rest = BigInt.asUintN(64, BigInt(value))
      for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80
      this.#bytes[this.#at++] = Number(rest)
    }
  }

  fixed32(value: number): void {
    this.#reserve(4)
    this.#at = this.#bytes.writeUInt32LE(value, this.#at)
  }

  /**
   * Nanoseconds, of which a number cannot hold so many: without a bigint, which would cost as much as all else of a span.
   * @param milliseconds an integer from 0 to 2⁴³
   * @param more nanoseconds, an integer from 0 to 2⁵²
   */
  nanoseconds(milliseconds: number, more: number): void {
    this.#reserve(8)
    const upper = Math.floor(milliseconds / PART) * NANOSECONDS
    const lower = (upper % PART_OF_UPPER) * PART + (milliseconds % PART) * NANOSECONDS + more
    this.#at = this.#bytes.writeUInt32LE(lower % WORD, this.#at)
    this.#at = this.#bytes.writeUInt32LE(
      Math.floor(upper / PART_OF_UPPER) + Math.floor(lower / WORD),
      this.#at,
    )
  }

  double(value: number): void {
    this.#reserve(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  /** A text with its length before it. @param size its bytes in UTF-8, where they are known */
  text(text: string, size = utf8Size(text)): void {
    this.varint(size)
    this.#reserve(size)
    this.#at += this.#bytes.write(text, this.#at, size === text.length ? 'latin1' : 'utf8')
  }

  /** An id with its length before it. @param digits hexadecimal */
  id(digits: string): void {
    const size = digits.length / 2
    this.varint(size)
    this.#reserve(size)
    this.#at += this.#bytes.write(digits, this.#at, size, 'hex')
  }

  /** Begins a message, whose length is known at its end: `end` wants what is returned. */
  begin(): number {
    this.#reserve(2)
    this.#at += 2
    return this.#at
  }

  end(began: number): void {
    const size = this.#at - began
    const lengthSize = varintSize(size)
    if (lengthSize !== 2) {
      this.#reserve(lengthSize)
      this.#bytes.copyWithin(began - 2 + lengthSize, began, this.#at)
    }
    this.#at = began - 2
    this.varint(size)
    this.#at += size
  }

  #reserve(more: number): void {
    const wanted = this.#at + more
    if (wanted <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}

/** Bytes of a varint. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Bytes of a text in UTF-8. */
export function utf8Size(text: string): number {
  return Buffer.byteLength(text)
}
