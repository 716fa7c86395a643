import type { Tree } from '../parse/tree.ts'
import type { Reshaped } from './block.ts'
import { applyBlock } from './block.ts'
import { OLD_DIALECT } from './tables.ts'

/** Brings every old spelling of a configuration into today's, in whatever mixture, with a note for each. */
export function modernise(tree: Tree): Reshaped {
  return applyBlock(tree, OLD_DIALECT)
}
