/**
 * JSON Schema (2020-12) as far as arguments and answers need it. Left out are `contains`, `dependent…`,
 * `unevaluated…`, dynamic references and references to elsewhere: a schema with them is refused rather than
 * half obeyed. Patterns are JavaScript's, and as fast as their author made them.
 */
export type { Checked, Schema } from './schema.ts'
export { parseSchema } from './schema.ts'
