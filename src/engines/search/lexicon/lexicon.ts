import type { Stems } from '../stems.ts'
import { ACTIONS } from './actions.ts'
import { IN_CHINESE } from './chinese.ts'
import { STOP_WORDS, VERBS, WEAK_WORDS } from './common.ts'
import { RELATED } from './related.ts'
import { SAME_MEANING } from './same.ts'

/** How much a word counts that stands for another, where that one itself is 1. */
const SAME = 0.6
const NEAR = 0.45
/** How much a word of a query counts, where one that tells something is 1. */
const WEAK = 0.2
const VERB = 0.45

/** What is known of words, before any tool is. By stem, except for stop words. */
export interface Lexicon {
  isStopWord(word: string): boolean
  weightOf(stem: string): number
  /** Stems that may stand for it, and how much they count. */
  synonymsOf(stem: string): ReadonlyMap<string, number>
  /** One bit for each class of actions that it is of. */
  actionsOf(stem: string): number
}

/** Verbs whose doers have their stem. */
export const verbs = (): string[] => wordsIn(ACTIONS.join(' '))

const NO_SYNONYMS: ReadonlyMap<string, number> = new Map()

export function createLexicon(stems: Stems): Lexicon {
  const stopWords = new Set(wordsIn(STOP_WORDS))
  const weak = new Set(wordsIn(WEAK_WORDS).map((word) => stems.of(word)))
  const verbStems = new Set(wordsIn(VERBS).map((word) => stems.of(word)))
  const synonyms = new Map<string, Map<string, number>>()
  addGroups(synonyms, linesOf(RELATED, stems), NEAR)
  addGroups(synonyms, linesOf(IN_CHINESE, stems), NEAR)
  addGroups(synonyms, linesOf(SAME_MEANING, stems), SAME)
  const actions = actionsByStem(stems)
  return {
    isStopWord: (word) => stopWords.has(word),
    weightOf: (stem) => (weak.has(stem) ? WEAK : verbStems.has(stem) ? VERB : 1),
    synonymsOf: (stem) => synonyms.get(stem) ?? NO_SYNONYMS,
    actionsOf: (stem) => actions.get(stem) ?? 0,
  }
}

function wordsIn(text: string): string[] {
  return text.trim().split(/\s+/)
}

function linesOf(text: string, stems: Stems): string[][] {
  const lines = text.trim().split('\n')
  return lines.map((line) => wordsIn(line).map((word) => stems.of(word)))
}

/** The greatest weight holds where two words are in several groups together. */
function addGroups(to: Map<string, Map<string, number>>, groups: string[][], weight: number): void {
  for (const group of groups) {
    for (const stem of group) {
      const others = to.get(stem) ?? new Map<string, number>()
      for (const other of group) {
        if (other !== stem) others.set(other, Math.max(weight, others.get(other) ?? 0))
      }
      to.set(stem, others)
    }
  }
}

function actionsByStem(stems: Stems): Map<string, number> {
  const found = new Map<string, number>()
  ACTIONS.forEach((line, at) => {
    for (const word of wordsIn(line)) {
      const stem = stems.of(word)
      found.set(stem, (found.get(stem) ?? 0) | (1 << at))
    }
  })
  return found
}
