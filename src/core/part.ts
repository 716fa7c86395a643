import type { GatewayConfig } from './config.ts'

/** Something that is made as the configuration says, and has to be another for another configuration. */
export interface Part {
  /**
   * Makes ready what another configuration wants, beside what there is; `undefined` where it wants the same.
   * @throws GatewayError `config`
   */
  prepare(config: GatewayConfig): Promise<Prepared | undefined>
}

/** What is ready to take the place of what there is. One of the two is called, once. */
export interface Prepared {
  /** Takes the place at once. Does not throw. */
  commit(): void
  discard(): Promise<void>
}

/** All of them, or none. @throws GatewayError `config` */
export async function prepareAll(parts: Iterable<Part>, config: GatewayConfig): Promise<Prepared> {
  const ready: Prepared[] = []
  const discard = async () => {
    await Promise.all(ready.map((it) => it.discard()))
  }
  try {
    for (const part of parts) {
      const prepared = await part.prepare(config)
      if (prepared !== undefined) ready.push(prepared)
    }
  } catch (error) {
    await discard()
    throw error
  }
  return {
    commit() {
      for (const it of ready) it.commit()
    },
    discard,
  }
}
