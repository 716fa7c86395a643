import type { JsonObject } from '../../../core/catalog.ts'

/** Members of the filter that name what is listened for. */
export type Topic = 'resourceSubscriptions' | 'taskIds'

/** What a connection listens for, as `subscriptions/listen` says it. */
export class Filter {
  #lists: JsonObject = {}
  readonly #keys: Record<Topic, Set<string>> = { resourceSubscriptions: new Set(), taskIds: new Set() }

  /**
   * @param capabilities of the server, whose lists are listened for as far as it announces their changes
   * @returns whether there are any that were not listened for before
   */
  addLists(capabilities: JsonObject): boolean {
    const before = Object.keys(this.#lists).length
    const lists = ['tools', 'prompts', 'resources'].filter(
      (kind) => (capabilities[kind] as JsonObject | undefined)?.['listChanged'] === true,
    )
    this.#lists = Object.fromEntries(lists.map((kind) => [`${kind}ListChanged`, true]))
    return lists.length > before
  }

  get hasKeys(): boolean {
    return this.#keys.resourceSubscriptions.size + this.#keys.taskIds.size > 0
  }

  get isEmpty(): boolean {
    return !this.hasKeys && Object.keys(this.#lists).length === 0
  }

  add(topic: Topic, key: string): void {
    this.#keys[topic].add(key)
  }

  /** @returns whether it was there */
  delete(topic: Topic, key: string): boolean {
    return this.#keys[topic].delete(key)
  }

  toJSON(): JsonObject {
    const keys = Object.entries(this.#keys).filter(([, { size }]) => size > 0)
    return { ...this.#lists, ...Object.fromEntries(keys.map(([topic, set]) => [topic, [...set]])) }
  }
}
