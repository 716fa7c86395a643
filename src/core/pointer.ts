/** Segments of a JSON pointer (RFC 6901), unescaped. */
export type Pointer = readonly string[]

/** @returns `undefined` for what is no pointer to something within a value */
export function parsePointer(text: string): Pointer | undefined {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined
  return text
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}
