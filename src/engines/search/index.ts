/** Finds tools by what people write: their words, words like them, and words with mistakes in them. */
export type { Hit } from './choose.ts'
export type { Entry, Parameter } from './entry.ts'
export { fuse, type Ranking } from './fuse.ts'
export { type Collection, type Keyed, SearchIndex } from './search.ts'
