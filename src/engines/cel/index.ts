export type { CelFault, ClaimsPredicate } from './expression.ts'
export { claimsExpressionFault, compileClaimsExpression } from './expression.ts'
