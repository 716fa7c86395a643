import type { RuleContext } from './rules/rule.ts'

/** A secret of the file, or of the environment. */
export function secretOf(
  value: string | undefined,
  variable: string | undefined,
  env: RuleContext['env'],
): string | undefined {
  return value ?? (variable === undefined ? undefined : env[variable])
}
