/** JSON text of a string. Most of what is written down has nothing to escape: that is found out faster than done. */
export function quoted(text: string): string {
  for (let i = 0; i < text.length; i++) if (!isPlain(text.charCodeAt(i))) return JSON.stringify(text)
  return `"${text}"`
}

const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c
const TILDE = 0x7e

function isPlain(unit: number): boolean {
  return unit >= SPACE && unit <= TILDE && unit !== QUOTE && unit !== BACKSLASH
}

/** A further member of an object; nothing where it has no value. */
export function member(name: string, value: string | number | undefined): string {
  if (value === undefined) return ''
  return `,"${name}":${typeof value === 'number' ? value : quoted(value)}`
}
