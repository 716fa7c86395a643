export { createFront } from './front.ts'
export type { Front, FrontOptions, Readiness } from './options.ts'
export type { StdioFront, StdioStreams } from './stdio.ts'
export { serveStdio } from './stdio.ts'
