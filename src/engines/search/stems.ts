import { stemmer } from 'stemmer'

const PLAIN = /^[a-z]+$/
/** Words that are no forms of what Porter makes of them. */
const UNSTEMMED: ReadonlySet<string> = new Set([
  'news',
  'sms',
  'aws',
  'dns',
  'css',
  'ios',
  'gps',
  'pos',
  'rss',
  'sas',
  'tls',
  'dos',
  'kubernetes',
  'redis',
])

/** Stems that are kept; words come again and again, and stemming one costs more than the rest. */
const MOST_STEMS = 50_000

/** Finds stems after Porter, and remembers them. */
export class Stems {
  readonly #known = new Map<string, string>()
  readonly #agents = new Map<string, string>()

  /** @param verbs whose doers have their stem: a `reader` is what reads */
  constructor(verbs: readonly string[] = []) {
    for (const verb of verbs) {
      for (const agent of agentsOf(verb)) this.#agents.set(agent, stemmer(verb))
    }
  }

  of(word: string): string {
    const known = this.#known.get(word)
    if (known !== undefined) return known
    if (this.#known.size >= MOST_STEMS) this.#known.clear()
    const stem = this.#agents.get(word) ?? (isPlain(word) ? stemmer(word) : word)
    this.#known.set(word, stem)
    return stem
  }

  all(words: readonly string[]): string[] {
    return words.map((word) => this.of(word))
  }
}

function isPlain(word: string): boolean {
  return word.length > 2 && PLAIN.test(word) && !UNSTEMMED.has(word)
}

/** The spellings that are no words do no harm. */
function agentsOf(verb: string): string[] {
  const root = verb.replace(/e$/, '')
  const last = root.at(-1) ?? ''
  return ['er', 'ers', 'or', 'ors'].flatMap((ending) => [`${root}${ending}`, `${root}${last}${ending}`])
}
