/** The letters that a term has, one bit each: terms that are near have nearly the same. */
export function lettersOf(term: string): number {
  let letters = 0
  for (let at = 0; at < term.length; at++) letters |= 1 << (term.charCodeAt(at) & 31)
  return letters
}

/** In how many letters two terms differ, by their bits. */
export function lettersApart(a: number, b: number): number {
  let n = a ^ b
  n -= (n >>> 1) & 0x55555555
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/**
 * How many mistakes in typing make one of the other: a letter too many, missing, wrong, or swapped with its neighbour
 * (optimal string alignment). More than `most` is `most + 1`.
 */
export function mistakes(a: string, b: string, most: number): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const wrong = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cell = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, wrong)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cell = Math.min(cell, (before[j - 2] as number) + 1)
      row.push(cell)
      least = Math.min(least, cell)
    }
    if (least > most) return most + 1
    before = last
    last = row
  }
  return last[b.length] as number
}
