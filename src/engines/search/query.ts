import type { Lexicon } from './lexicon/lexicon.ts'
import type { Stems } from './stems.ts'
import { wordsOf } from './words.ts'

/** One thing that is asked for, in the terms of an index. */
export interface Clause {
  /** In the order of the words. */
  readonly words: readonly string[]
  readonly terms: readonly QueryTerm[]
  /** The classes of what is to be done. */
  readonly actions: number
}

export interface QueryTerm {
  readonly term: string
  readonly weight: number
}

const MOST_CHARACTERS = 4_000
const MOST_WORDS = 120
const MOST_CLAUSES = 5
/** Ends of sentences, and what joins one request to the next. */
const SEPARATORS =
  /[.!?](?=\s|$)|[。！？；;\n]|,\s+and\s+|,?\s+(?:and\s+)?then\s+|,\s+(?:and\s+)?(?:finally|also|afterwards)\s+/gi
const LINK = /\b(?:https?|ftp):\/\/([^\s/'"]{1,200})[^\s'",)]*/gi
const PATH = /(?:^|(?<=[\s'"(`]))(?:~|\.{1,2})?[\\/][\w.\-\\/]*|\b[A-Za-z]:\\[^\s'"]*/g
/** What nobody wrote by hand: images and other files as text. */
const ENCODED = /\S{100,}/g
const EXTENSION = /\.([A-Za-z][A-Za-z0-9]{0,4})\.?$/
const LABELS_OF_ANY_HOST = /^(?:www|com|org|net|io|dev|cn|co|uk|edu|gov|html?)$/

/**
 * A question in words of any language, one word or many sentences.
 * @returns the whole of it, and then its parts where it asks for several things
 */
export function parseQuery(text: string, stems: Stems, lexicon: Lexicon): readonly Clause[] {
  const plain = withoutPlaces(text.slice(0, MOST_CHARACTERS))
  const read = (part: string) => clauseOf(wordsOf(part).slice(0, MOST_WORDS), stems, lexicon)
  const parts = plain.split(SEPARATORS).filter((part) => part.trim() !== '')
  if (parts.length < 2) return [read(plain)]
  const clauses = parts.slice(0, MOST_CLAUSES).map(read)
  return [read(plain), ...clauses.filter(({ terms }) => terms.length > 0)]
}

/** Of addresses and paths, which are what a tool is to be given, only what tells of the kind of thing. */
function withoutPlaces(text: string): string {
  const named = (host: string) => host.split('.').filter((label) => !LABELS_OF_ANY_HOST.test(label))
  return text
    .replace(LINK, (_, host: string) => named(host).join(' '))
    .replace(PATH, (path) => ` file ${EXTENSION.exec(path)?.[1] ?? ''} `)
    .replace(ENCODED, ' ')
}

function clauseOf(words: readonly string[], stems: Stems, lexicon: Lexicon): Clause {
  const telling = words.filter((word) => !lexicon.isStopWord(word))
  // Of nothing but stop words, they are what is sought.
  const kept = stems.all(telling.length > 0 ? telling : words)
  const counts = new Map<string, number>()
  for (const term of kept) counts.set(term, (counts.get(term) ?? 0) + 1)
  const terms = [...counts].map(([term, count]) => ({
    term,
    weight: (1 + Math.log(count)) * lexicon.weightOf(term),
  }))
  return { words: kept, terms, actions: kept.reduce((all, term) => all | lexicon.actionsOf(term), 0) }
}
