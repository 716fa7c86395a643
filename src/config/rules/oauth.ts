import { isThisMachine } from '../../core/address.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, textAt, wrong } from '../place.ts'
import type { RuleContext } from './rule.ts'

/** Who vmcp is at an authorization server, and where that is. */
export function* oauthClient(who: string, oauth: Place, { env }: RuleContext): Iterable<Finding> {
  const [issuer, id, metadata] = ['issuer', 'clientId', 'clientIdMetadataUrl'].map((key) =>
    child(oauth, key),
  ) as [Place, Place, Place]
  if (exists(id) && !exists(issuer))
    yield wrong(
      id,
      `${who} has clientId without issuer: a backend could have its client secret sent elsewhere`,
      'set issuer to the authorization server that the client is registered with',
    )
  for (const key of ['clientSecret', 'clientSecretEnv']) {
    const secret = child(oauth, key)
    if (exists(secret) && !exists(id)) yield wrong(secret, `${who} has ${key} without clientId`)
  }
  if (exists(id) && exists(metadata))
    yield wrong(metadata, `${who} has both clientId and clientIdMetadataUrl; keep one`)
  yield* issuerUrl(issuer)
  yield* metadataUrl(metadata)
  const key = child(oauth, 'keyEnv')
  const variable = textAt(key)
  if (variable !== undefined && !env[variable])
    yield wrong(key, `${who} needs the environment variable ${variable}, which is not set or empty`)
}

/** RFC 8414 §2. */
function* issuerUrl(place: Place): Iterable<Finding> {
  const url = urlAt(place)
  if (url === undefined) return
  if (url.search !== '' || url.hash !== '') yield wrong(place, 'an issuer has neither a query nor a fragment')
  if (url.protocol === 'http:' && !isLoopback(url))
    yield wrong(place, 'the login would go over plain HTTP', 'use https')
}

/** OAuth Client ID Metadata Document, §3. */
function* metadataUrl(place: Place): Iterable<Finding> {
  const url = urlAt(place)
  if (url === undefined) return
  const { protocol, pathname, hash, username, password } = url
  if (protocol === 'https:' && pathname !== '/' && hash === '' && username === '' && password === '') return
  yield wrong(
    place,
    'a client id of this kind is an https URL with a path, and without a fragment and credentials',
  )
}

/** A login belongs to one address, and its token may not go there in the clear. */
export function* oauthBackends(root: Place): Iterable<Finding> {
  const auth = child(root, 'outgoingAuth')
  for (const backend of items(child(root, 'backends'))) {
    const name = textAt(child(backend, 'name'))
    const own = name === undefined ? undefined : child(auth, 'backends', name)
    const strategy = own !== undefined && exists(own) ? own : child(auth, 'default')
    if (child(strategy, 'type').value !== 'oauth') continue
    const place = child(backend, 'url')
    const url = urlAt(place)
    const replicas = child(backend, 'replicas')
    if (url?.protocol === 'http:' && !isLoopback(url))
      yield wrong(
        place,
        `backend ${JSON.stringify(name)} has a login, whose token would go over plain HTTP`,
        'use https',
      )
    if (exists(replicas))
      yield wrong(
        replicas,
        `backend ${JSON.stringify(name)} has a login, which is good at one address only`,
        'make a backend of each, or leave out the replicas',
      )
  }
}

function urlAt(place: Place): URL | undefined {
  const text = textAt(place)
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined
}

function isLoopback({ hostname }: URL): boolean {
  return isThisMachine(hostname.replace(/^\[|\]$/g, ''))
}
