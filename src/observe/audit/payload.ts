import { GatewayError } from '../../core/errors.ts'
import type { Pointer } from '../../core/pointer.ts'
import { Redactor } from './redactor.ts'

export interface PayloadLimits {
  /** Bytes. */
  readonly maxDataSize: number
  readonly pointers: readonly Pointer[]
}

/**
 * A payload as it is written: JSON without its secrets. Of one that is too large there is the beginning, as text in
 * `{"truncated":true,"bytes":…,"start":"…"}`, with its size.
 */
export function payloadText(bytes: Buffer, { maxDataSize, pointers }: PayloadLimits): string {
  const redactor = new Redactor(bytes, maxDataSize)
  let isWhole = true
  try {
    redactor.run(pointers)
    // Whether scalars are well-formed nobody has looked at until now.
    if (!redactor.full) JSON.parse(redactor.text)
  } catch (error) {
    if (!(error instanceof SyntaxError || GatewayError.from(error).code === 'parse')) throw error
    isWhole = false
  }
  if (isWhole && !redactor.full) return redactor.text
  return JSON.stringify({ truncated: true, bytes: bytes.length, start: redactor.text })
}
