import { isThisMachine } from '../../core/address.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, odd, textAt, wrong, wrongBlock } from '../place.ts'

/** The keys of one token endpoint. */
interface Endpoint {
  readonly block: string
  readonly url: string
  readonly insecure: string
  readonly id: string
  readonly secret: string
}

const PLAIN = { url: 'tokenUrl', insecure: 'insecureTokenUrl', id: 'clientId', secret: 'clientSecret' }
const ENDPOINTS: readonly Endpoint[] = [
  { block: 'tokenExchange', ...PLAIN },
  { block: 'clientCredentials', ...PLAIN },
  {
    block: 'xaa',
    url: 'idpTokenUrl',
    insecure: 'insecureIdpTokenUrl',
    id: 'idpClientId',
    secret: 'idpClientSecret',
  },
  {
    block: 'xaa',
    url: 'targetTokenUrl',
    insecure: 'insecureTargetTokenUrl',
    id: 'targetClientId',
    secret: 'targetClientSecret',
  },
]
/** They are made of the token that a caller comes with. */
const OF_CALLERS = ['pass_through', 'token_exchange', 'xaa', 'aws_sts']

export function* tokenEndpoints(who: string, strategy: Place): Iterable<Finding> {
  for (const endpoint of ENDPOINTS) {
    const block = child(strategy, endpoint.block)
    yield* address(block, endpoint)
    yield* client(who, block, endpoint)
  }
}

function* address(block: Place, { url, insecure }: Endpoint): Iterable<Finding> {
  const place = child(block, url)
  const text = textAt(place)
  if (text === undefined || !URL.canParse(text)) return
  const { protocol, hostname, username, password, hash } = new URL(text)
  const isHere = isThisMachine(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname)
  if (protocol === 'http:' && !isHere && child(block, insecure).value !== true)
    yield wrong(
      place,
      'secrets and tokens would be sent over plain HTTP',
      `use https, or set ${insecure} for development`,
    )
  if (username !== '' || password !== '') yield wrong(place, 'the URL may not hold credentials')
  // RFC 6749 §3.2.
  if (hash !== '') yield wrong(place, 'a token endpoint has no fragment')
}

function* client(who: string, block: Place, { id, secret }: Endpoint): Iterable<Finding> {
  const given = [child(block, secret), child(block, `${secret}Env`)].find(exists)
  if (given !== undefined && !exists(child(block, id)))
    yield wrong(given, `${who} has a client secret and no ${id}`)
  // RFC 6749 §4.4: only for confidential clients.
  if (block.path.at(-1) === 'clientCredentials' && exists(block) && given === undefined)
    yield wrongBlock(block, `${who} needs clientSecret or clientSecretEnv`)
}

/** Where callers have no tokens, every call to such a backend fails. */
export function* callersTokens(root: Place): Iterable<Finding> {
  const incoming = textAt(child(root, 'incomingAuth', 'type'))
  if (incoming === undefined || incoming === 'oidc') return
  const block = child(root, 'outgoingAuth')
  const strategies = [child(block, 'default'), ...entries(child(block, 'backends')).map(([, place]) => place)]
  for (const place of strategies.map((strategy) => child(strategy, 'type'))) {
    if (typeof place.value !== 'string' || !OF_CALLERS.includes(place.value)) continue
    yield odd(
      place,
      `no call will have credentials: callers have no tokens with incomingAuth.type ${incoming}`,
      'set incomingAuth.type to oidc',
    )
  }
}
