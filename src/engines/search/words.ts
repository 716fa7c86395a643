/** Letters and digits, of any script. */
const RUN = /[\p{L}\p{M}\p{N}]+/gu
/** Scripts that are written without spaces between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]+/gu
const ASCII = /^[\x20-\x7e\n\r\t]*$/
const LOWER_ONLY = /^[a-z]+$/
const HUMPS = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g
const HUMPS_OF_ANY_SCRIPT = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|[\p{Lo}\p{Lm}\p{Lt}\p{M}]+|\p{N}+/gu
/** `mp3`, `h264`, `v2`: what is written together with digits is one word as well as several. */
const LONGEST_MIXED = 8
const LONGEST_WORD = 40

/**
 * The words of a text in lower case: identifiers are split where they change case or meet digits (`getUserV2` is
 * `get user v2 v 2`), and scripts without spaces into pairs of characters.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  const normal = ASCII.test(text) ? text : text.normalize('NFKC')
  for (const [run] of normal.matchAll(RUN)) {
    if (LOWER_ONLY.test(run)) words.push(run.slice(0, LONGEST_WORD))
    else addParts(run, words)
  }
  return words
}

function addParts(run: string, words: string[]): void {
  const parts = ASCII.test(run) ? run.match(HUMPS) : spaced(run).match(HUMPS_OF_ANY_SCRIPT)
  const isMixed = parts !== null && parts.length > 1 && run.length <= LONGEST_MIXED && /\d/.test(run)
  if (isMixed) words.push(run.toLowerCase())
  for (const part of parts ?? []) {
    if (part.search(UNSPACED) === 0) addPairs(part, words)
    else words.push(part.toLowerCase().slice(0, LONGEST_WORD))
  }
}

function spaced(run: string): string {
  return run.replace(UNSPACED, ' $& ')
}

function addPairs(text: string, words: string[]): void {
  const characters = [...text]
  if (characters.length === 1) words.push(text)
  for (let at = 0; at + 1 < characters.length; at++) words.push(`${characters[at]}${characters[at + 1]}`)
}
