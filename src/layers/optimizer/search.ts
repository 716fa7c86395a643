import type { Result } from '../../core/call.ts'
import type { Catalog } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { OptimizerConfig } from '../../core/optimizer.ts'
import { answer, failure } from './answer.ts'
import { Finder, type Meaning } from './finder.ts'
import type { Search } from './request.ts'
import { type CountTokens, quarter, type Returned, TokenMeter } from './tokens.ts'

export interface FindParts {
  readonly config: OptimizerConfig
  /** `undefined` where there are only words. */
  readonly meaning?: Meaning | undefined
  readonly count?: CountTokens
  readonly returned?: Returned | undefined
}

/** What is only needed once somebody searches: the index, and what is made of the tools for it. */
export class Find {
  readonly #config: OptimizerConfig
  readonly #meaning: Meaning | undefined
  readonly #finder: Finder
  readonly #meter: TokenMeter

  constructor({ config, meaning, count = quarter, returned }: FindParts) {
    this.#config = config
    this.#meaning = meaning
    this.#finder = new Finder({ ...config, meaning })
    this.#meter = new TokenMeter(count, returned)
  }

  get finder(): Finder {
    return this.#finder
  }

  /** What is told of it at `/status`. */
  readonly status = (): object => ({
    indexed: this.#finder.indexed,
    ...(this.#meaning && { embedding: this.#meaning.status }),
  })

  prepare(catalog: Catalog): Promise<void> {
    return this.#finder.prepare(catalog)
  }

  /** Answers `find_tool` over the catalogue of one caller. */
  async answer(catalog: Catalog, asked: Search, signal: AbortSignal): Promise<Result> {
    const { server } = asked
    if (server !== undefined && !catalog.tools.some(({ origin }) => origin.backend === server))
      return failure(`there is no server '${server}' with tools; leave server out to search all of them`)
    const tools = await this.#finder.find(catalog, asked, signal)
    const { maxTools: limit, detail } = this.#config
    return answer({ catalog, tools, limit, detail: asked.detail ?? detail }, this.#meter)
  }
}

interface CreateParts extends Omit<FindParts, 'count'> {
  readonly log: Log
}

/** Without the tokenizer that is asked for, tokens are counted as without one, and the log says what is missing. */
export async function createFind({ log, ...parts }: CreateParts): Promise<Find> {
  const { config } = parts
  if (config.tokenizer === undefined) return new Find(parts)
  const { tokenizer } = await import('./tokenizer.ts')
  try {
    return new Find({ ...parts, count: await tokenizer(config.tokenizer) })
  } catch (error) {
    const { message } = GatewayError.from(error)
    log.warn({ err: error }, `${message}; a token is taken for four characters`)
    return new Find(parts)
  }
}
