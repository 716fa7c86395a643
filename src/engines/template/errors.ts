/** `missing`: a reference that the data do not have. `limit`: a bound of this engine. The set is closed. */
export type TemplateErrorCode = 'syntax' | 'missing' | 'type' | 'value' | 'limit'

export interface Place {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
}

/** Why a template could not be read or rendered. `message` names the thing and its mend; it holds no values of the data. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  readonly code: TemplateErrorCode
  readonly line: number
  readonly column: number
  /** Where in the value given to `expand` the template stands; empty for a template on its own. */
  readonly where: readonly (string | number)[]

  constructor(
    fault: Pick<Fault, 'code' | 'message'>,
    place: Place,
    where: readonly (string | number)[] = [],
  ) {
    super(fault.message)
    this.code = fault.code
    this.line = place.line
    this.column = place.column
    this.where = where
  }
}

/** A failure on its way out; the template that runs turns it into a `TemplateError` with a place. */
export class Fault extends Error {
  readonly code: TemplateErrorCode
  /** Into the template's text; `undefined` means wherever the run stands. */
  readonly offset: number | undefined

  constructor(code: TemplateErrorCode, message: string, offset?: number) {
    super(message)
    this.code = code
    this.offset = offset
  }
}

/** Turns offsets into `text` into places. */
export class Places {
  readonly #newlines: number[] = []

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#newlines.push(at)
  }

  of(offset: number): Place {
    let low = 0
    let high = this.#newlines.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#newlines[middle] as number) < offset) low = middle + 1
      else high = middle
    }
    return { line: low + 1, column: offset - (this.#newlines[low - 1] ?? -1) }
  }
}

/** Runs `work`; what it throws becomes a `TemplateError` about `text`. */
export function located<T>(text: string, work: () => T, at: () => number = () => 0): T {
  try {
    return work()
  } catch (error) {
    const fault = asFault(error)
    throw new TemplateError(fault, new Places(text).of(fault.offset ?? at()))
  }
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  // The stack of the caller may be nearly used up before a template begins.
  if (error instanceof RangeError) return new Fault('limit', 'the template needs more stack than there is')
  throw error
}
