/** The way to a place in the configuration: keys and list indices from the root. */
export type Path = readonly (string | number)[]

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/

/** `aggregation.tools[0].workload`; keys that would be ambiguous are quoted: `backends["a.b"]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((printed, segment) => printed + formatSegment(segment, printed === ''), '')
}

function formatSegment(segment: string | number, first: boolean): string {
  if (typeof segment === 'number') return `[${segment}]`
  if (!PLAIN_KEY.test(segment)) return `[${JSON.stringify(segment)}]`
  return first ? segment : `.${segment}`
}
