/** Makes something once for each object that it is made from, for as long as that lives. */
export function once<K extends object, V>(make: (from: K) => V): (from: K) => V {
  const known = new WeakMap<K, V>()
  return (from) => {
    const found = known.get(from)
    if (found !== undefined || known.has(from)) return found as V
    const made = make(from)
    known.set(from, made)
    return made
  }
}
