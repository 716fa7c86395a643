/** Text of foreign origin as one line that cannot steer a terminal: control characters are spelled out. */
export function printable(text: string): string {
  let safe = ''
  for (const character of text) safe += isControl(character) ? spell(character) : character
  return safe
}

function isControl(character: string): boolean {
  const code = character.charCodeAt(0)
  // C0, DEL and C1, the line separators, and the marks that reorder text (Unicode TR36 §3).
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function spell(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
