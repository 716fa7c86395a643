interface Outage {
  readonly from: number
  until: number
}

/** When which backend was down, so that an error can be told from a fault. */
export class Outages {
  readonly #byBackend = new Map<string, Outage[]>()

  begin(id: string): Outage {
    const outage = { from: performance.now(), until: Number.POSITIVE_INFINITY }
    this.#byBackend.set(id, [...this.#of(id), outage])
    return outage
  }

  end(outage: Outage): void {
    outage.until = performance.now()
  }

  isDown(id: string): boolean {
    return this.#of(id).some(({ until }) => until === Number.POSITIVE_INFINITY)
  }

  /** Whether the backend was down at any time of a call that began then and ends now. */
  excuses(id: string, began: number): boolean {
    return this.#of(id).some(({ until }) => until >= began)
  }

  get count(): number {
    return [...this.#byBackend.values()].flat().length
  }

  #of(id: string): Outage[] {
    return this.#byBackend.get(id) ?? []
  }
}
