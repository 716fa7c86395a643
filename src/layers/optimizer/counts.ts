import type { Result } from '../../core/call.ts'
import type { Resolved } from '../../core/gateway.ts'
import type { Meter, Metric, Recorder } from '../../core/meter.ts'

const PREFIX = 'toolhive_vmcp_optimizer'
const SHARES = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100]
const NUMBERS = [0, 1, 2, 3, 5, 8, 13, 21, 34, 50]

/** Of one of the two tools: how often, how often in vain, how long. */
interface Calls {
  readonly requests: Recorder
  readonly errors: Recorder
  readonly duration: Recorder
}

/** Counts what clients find and call. */
export class Counts {
  readonly #finds: Calls
  readonly #calls: Calls
  /** Calls of tools that are not there. Their results are errors too. */
  readonly notFound: () => void
  /** What a search returned: tools, and percent of the tokens of the whole list that were saved. */
  readonly returned: (tools: number, savings: number) => void

  constructor(meter: Meter) {
    this.#finds = callsOf('find_tool', meter)
    this.#calls = callsOf('call_tool', meter)
    const missing = meter.counter(
      metric('call_tool_not_found', 'Calls of call_tool for a tool that is not there'),
    )({})
    const results = meter.amount(metric('find_tool_results', 'Tools that a search returned'), NUMBERS)({})
    const savings = meter.amount(
      metric('token_savings_percent', 'Tokens that a search saved against the whole list, in percent'),
      SHARES,
    )({})
    this.notFound = () => missing(1)
    this.returned = (tools, percent) => {
      results(tools)
      savings(percent)
    }
  }

  find(run: () => Promise<Result>): Promise<Result> {
    return counted(this.#finds, performance.now(), run)
  }

  /** From here on until the tool has answered. */
  async call(resolve: () => Promise<Resolved>): Promise<Resolved> {
    const began = performance.now()
    try {
      const { item, run } = await resolve()
      return { item, run: (exchange) => counted(this.#calls, began, () => run(exchange)) }
    } catch (error) {
      ended(this.#calls, began, true)
      throw error
    }
  }
}

async function counted(calls: Calls, began: number, run: () => Promise<Result>): Promise<Result> {
  let isError = true
  try {
    const result = await run()
    isError = result.body.text('isError') === 'true'
    return result
  } finally {
    ended(calls, began, isError)
  }
}

function ended({ requests, errors, duration }: Calls, began: number, isError: boolean): void {
  requests(1)
  if (isError) errors(1)
  duration((performance.now() - began) / 1000)
}

function callsOf(tool: string, meter: Meter): Calls {
  return {
    requests: meter.counter(metric(`${tool}_requests`, `Calls of ${tool}`))({}),
    errors: meter.counter(
      metric(`${tool}_errors`, `Calls of ${tool} that failed, or whose result is an error`),
    )({}),
    duration: meter.timing(metric(`${tool}_duration`, `Time of a call of ${tool}`))({}),
  }
}

function metric(name: string, description: string): Metric {
  return { name: `${PREFIX}_${name}`, description }
}
