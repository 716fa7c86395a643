/** JSON Schema (2020-12) for the arguments and answers that a model or a person gives. */
export type { Checked, ReadSchema, Schema } from './schema.ts'
export { schemaReader } from './schema.ts'
