export { createFront } from './front.ts'
export type { Front, FrontOptions, Readiness } from './options.ts'
