const SECOND = 1000
const MINUTE = 60 * SECOND

/** What holds where the author says nothing. */
export const DEFAULTS = {
  workflowTimeoutMs: 30 * MINUTE,
  stepTimeoutMs: 5 * MINUTE,
  elicitationTimeoutMs: 5 * MINUTE,
  maxParallel: 10,
  retryDelayMs: SECOND,
  itemVar: 'item',
  maxIterations: 100,
  maxParallelIterations: 10,
} as const

/** What holds whatever the author says. */
export const LIMITS = {
  steps: 100,
  retries: 10,
  /** The longest delay between attempts, as a multiple of the first. */
  retryGrowth: 60,
  elicitationTimeoutMs: 10 * MINUTE,
  answerCharacters: 1024 * 1024,
  answerDepth: 10,
  iterations: 1000,
  parallelIterations: 50,
  outputDepth: 10,
  /** Of a value made from JSON text. */
  jsonDepth: 100,
  jsonCharacters: 10 * 1024 * 1024,
  errorCharacters: 4096,
  /** How long a cancelled call may take to end before the run stops waiting for it. */
  graceMs: 250,
} as const
