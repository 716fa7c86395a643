import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, odd, wrongBlock } from '../place.ts'
import type { RuleContext } from './rule.ts'

const MAX_EMBEDDING_HEADERS = 32
/** Keys that say something of a service. */
const OF_A_SERVICE = ['embeddingServiceTimeout', 'embeddingHeaders']

export function* optimizer(root: Place, { env }: RuleContext): Iterable<Finding> {
  const block = child(root, 'optimizer')
  const provider = child(block, 'embeddingProvider')
  if (provider.value === 'openai' && !exists(child(block, 'embeddingModel')))
    yield wrongBlock(block, 'embeddingProvider openai needs embeddingModel')
  if (provider.value === 'local' && !exists(child(block, 'embeddingModel')))
    yield wrongBlock(block, 'embeddingProvider local needs embeddingModel: the folder of the model')
  yield* headers(block)
  yield* idle(block)
  const asksOpenAi = provider.value === 'openai' && exists(child(block, 'embeddingService'))
  if (asksOpenAi && !env['OPENAI_API_KEY'])
    yield odd(provider, 'OPENAI_API_KEY is not set: requests are sent without a key')
}

function* headers(block: Place): Iterable<Finding> {
  const openai = child(block, 'embeddingProvider').value === 'openai'
  const place = child(block, 'embeddingHeaders')
  const all = entries(place)
  if (all.length > 0 && !openai) yield wrongBlock(place, 'only embeddingProvider openai has further headers')
  if (all.length > MAX_EMBEDDING_HEADERS)
    yield wrongBlock(place, `must be at most ${MAX_EMBEDDING_HEADERS} headers`)
  for (const [name, header] of all) {
    if (!['authorization', 'content-type'].includes(name.toLowerCase())) continue
    yield wrongBlock(header, `the header ${name} is set by vmcp itself`)
  }
}

/** What has no effect as the rest is. */
function* idle(block: Place): Iterable<Finding> {
  const service = child(block, 'embeddingService')
  const provider = child(block, 'embeddingProvider')
  if (provider.value === 'local') {
    for (const place of [service, ...OF_A_SERVICE.map((key) => child(block, key))])
      if (exists(place)) yield odd(place, 'has no effect with embeddingProvider local')
    return
  }
  if (exists(service)) return
  for (const key of ['embeddingProvider', 'embeddingModel', 'embeddingCache', ...OF_A_SERVICE]) {
    if (exists(child(block, key))) yield odd(child(block, key), 'has no effect without embeddingService')
  }
}
