/** What turns texts into vectors. */
export interface Embedder {
  /** Texts of one request. */
  readonly batch: number
  /**
   * What makes vectors of one time comparable with those of another: the model, as far as it can be known.
   * @throws GatewayError
   */
  identity(signal: AbortSignal): Promise<string>
  /**
   * @returns one vector for each text, in their order
   * @throws GatewayError `unavailable`, `timeout`, `bad_gateway`, `unauthenticated`, `config`; `too_large` where it
   *   wants fewer texts or shorter ones
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>
}
