import type { Stems } from './stems.ts'
import { wordsOf } from './words.ts'

/** What is searched: one tool, in the fields that count differently. */
export interface Entry {
  /** Without what was put before it to tell servers apart. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly server: string
  readonly parameters: readonly Parameter[]
}

export interface Parameter {
  readonly name: string
  /** Its description, and the values that it may have. */
  readonly text: string
}

interface Field {
  readonly weight: number
  /** How much a longer text counts less: 0 not at all, 1 wholly (b of BM25F). */
  readonly slope: number
  /** Words that such a text usually has. Constant, so that no entry changes what another is worth. */
  readonly usual: number
}

const NAME: Field = { weight: 2.3, slope: 0.5, usual: 3 }
const TITLE: Field = { weight: 1.6, slope: 0.5, usual: 4 }
const PURPOSE: Field = { weight: 1.2, slope: 0.4, usual: 12 }
const REST: Field = { weight: 0.6, slope: 0.7, usual: 30 }
const SERVER: Field = { weight: 1.8, slope: 0.3, usual: 2 }
const PARAMETER_NAMES: Field = { weight: 0.7, slope: 0.6, usual: 5 }
const PARAMETER_TEXTS: Field = { weight: 0.3, slope: 0.6, usual: 40 }

/** The first sentence says what a tool is for. */
const FIRST_SENTENCE = /^\s*[^\n]*?(?:[.!?](?=\s|$)|[。！？]|\n|$)/
/** Of one text, and of all parameters: what is longer says nothing new and costs memory. */
const MOST_WORDS = 400
const MOST_CHARACTERS = 4_000
const MOST_PARAMETERS = 100

/** An entry as it is indexed. */
export interface Analysed {
  /** The terms and their weighted frequency. */
  readonly frequencies: ReadonlyMap<string, number>
  readonly nameTerms: readonly string[]
  /** Name, title and description, in the order of the words. */
  readonly sequence: readonly string[]
}

export function analyse(entry: Entry, stems: Stems): Analysed {
  const terms = (text: string) => stems.all(wordsOf(text.slice(0, MOST_CHARACTERS)).slice(0, MOST_WORDS))
  const purposeText = FIRST_SENTENCE.exec(entry.description.slice(0, MOST_CHARACTERS))?.[0] ?? ''
  const name = terms(entry.name)
  const title = terms(entry.title)
  const purpose = terms(purposeText)
  const rest = terms(entry.description.slice(purposeText.length))
  const parameters = entry.parameters.slice(0, MOST_PARAMETERS)
  const frequencies = new Map<string, number>()
  count(frequencies, name, NAME)
  count(frequencies, joined(wordsOf(entry.name)), NAME)
  count(frequencies, title, TITLE)
  count(frequencies, purpose, PURPOSE)
  count(frequencies, rest, REST)
  count(frequencies, terms(entry.server), SERVER)
  count(frequencies, terms(parameters.map((it) => it.name).join(' ')), PARAMETER_NAMES)
  count(frequencies, terms(parameters.map((it) => it.text).join('\n')), PARAMETER_TEXTS)
  return {
    frequencies,
    nameTerms: [...new Set(name)],
    sequence: [...name, ...title, ...purpose, ...rest],
  }
}

function count(
  frequencies: Map<string, number>,
  terms: readonly string[],
  { weight, slope, usual }: Field,
): void {
  const share = weight / (1 - slope + (slope * terms.length) / usual)
  for (const term of terms) frequencies.set(term, (frequencies.get(term) ?? 0) + share)
}

/** Neighbours written as one: `word_cloud` is found by `wordcloud`. */
function joined(words: readonly string[]): string[] {
  const pairs: string[] = []
  for (let at = 0; at + 1 < words.length; at++) pairs.push(`${words[at]}${words[at + 1]}`)
  return pairs
}
