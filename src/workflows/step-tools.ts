import type { Catalog } from '../core/catalog.ts'
import { COMPOSITE } from '../core/composite.ts'
import { type StepTools, stepTools } from '../layers/composition/step-tools.ts'

/** What steps find in a whole catalogue, in which composite tools are: no step calls those. */
export function stepToolsOf(catalog: Catalog): StepTools {
  const tools = catalog.tools.filter(({ origin }) => origin.backend !== COMPOSITE)
  return stepTools({ ...catalog, tools })
}
