/** The same JSON on one line, for framings that end at a line break; the same buffer where it is on one. */
export function oneLine(bytes: Buffer): Buffer {
  if (!bytes.includes(0x0a) && !bytes.includes(0x0d)) return bytes
  const line = Buffer.from(bytes)
  // Between tokens a space is as good; within strings JSON does not allow line breaks.
  for (const lineBreak of [0x0a, 0x0d]) {
    for (let at = line.indexOf(lineBreak); at >= 0; at = line.indexOf(lineBreak, at)) line[at] = 0x20
  }
  return line
}
