export type { Aggregate, Contribution } from './aggregate.ts'
export { aggregate } from './aggregate.ts'
export type { Conflict } from './conflict/claim.ts'
