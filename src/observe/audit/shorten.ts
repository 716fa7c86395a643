const MOST = 512

/** What clients write may be of any length. */
export function shorten(text: string): string {
  return text.length <= MOST ? text : `${text.slice(0, MOST)}…`
}
