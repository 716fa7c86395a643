/** How much of the two ends of a message can tell what it answers. */
const EDGE = 256
const VERSION = String.raw`(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,)?`
const BEGIN = new RegExp(String.raw`^\s*\{${VERSION}(?:\s*"id"\s*:\s*(\d{1,15})\s*,)?${VERSION}\s*"(\w+)"`)
const END = /"id"\s*:\s*(\d{1,15})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/

/** The id of the request that is answered by a message which is not there as a whole, where its beginning says it. */
export function answeredBy(bytes: Buffer): number | undefined {
  return idIn(begin(bytes))
}

/** The same, where its end may say it too. */
export function answeredByEither(head: Buffer, tail: Buffer): number | undefined {
  const beginning = begin(head)
  if (beginning?.[2] === 'method') return undefined
  return idIn(beginning) ?? idIn(END.exec(tail.toString('latin1', Math.max(0, tail.length - EDGE))))
}

function begin(bytes: Buffer): RegExpExecArray | null {
  return BEGIN.exec(bytes.toString('latin1', 0, EDGE))
}

function idIn(found: RegExpExecArray | null): number | undefined {
  return found?.[1] === undefined || found[2] === 'method' ? undefined : Number(found[1])
}
