/** By UTF-16 code unit, so that the order is the same on every machine. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Orders by several keys, the first that differs deciding. */
export function byKeys<T>(...keys: readonly ((value: T) => string)[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const key of keys) {
      const order = byCodeUnit(key(a), key(b))
      if (order !== 0) return order
    }
    return 0
  }
}
