export type { PolicyAst, ScopeAst } from './ast.ts'
export type { CedarFault, ReadPolicy } from './cedar.ts'
export { checkEntities, readPolicies } from './cedar.ts'
export { UnsupportedError } from './compile/expression.ts'
export type { Decision, Explanation } from './decide.ts'
export type { Entities, Entity } from './entities.ts'
export type { Env } from './env.ts'
export { parseMarked } from './integers.ts'
export { valueOfJson } from './json.ts'
export type { ParsedPolicy, Policy } from './policy.ts'
export { unsupportedIn } from './policy.ts'
export type { Selection } from './policy-index.ts'
export { PolicySet } from './policy-set.ts'
export { readEntities } from './static-entities.ts'
export {
  type EntityFacts,
  EntityRef,
  Fault,
  keyOf,
  type Outcome,
  printRef,
  RecordValue,
  UNKNOWN,
  Unknown,
  UnknownEntity,
} from './values.ts'
