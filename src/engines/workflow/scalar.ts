/** The texts that Go's `strconv.ParseBool` takes. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text): [string, boolean] => [text, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text): [string, boolean] => [text, false]),
])

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
/** Longer texts are no numbers that a double could hold with profit. */
const LONGEST_NUMBER = 400

/** Space around a rendered value comes from how the template was laid out. */
export function parseBoolean(text: string): boolean | undefined {
  return BOOLEANS.get(text.trim())
}

export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > LONGEST_NUMBER || !NUMBER.test(trimmed)) return undefined
  const number = Number(trimmed)
  return Number.isFinite(number) ? number : undefined
}

/** Only integers that a double holds exactly. Go renders large floats as `1e+06`, which is one too. */
export function parseInteger(text: string): number | undefined {
  const number = parseNumber(text)
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined
}
