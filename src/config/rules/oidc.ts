import { isIP } from 'node:net'
import { isPrivateAddress } from '../../core/address.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, odd, textAt, wrong } from '../place.ts'
import { didYouMean } from '../similar.ts'
import type { RuleContext } from './rule.ts'

/** What is asked for something, and so must be where it is safe to ask. */
const ENDPOINTS = ['issuer', 'jwksUrl', 'introspectionUrl']
/** Of both eras. */
const METHODS = [
  ...['initialize', 'ping', 'server/discover', 'tools/list', 'tools/call', 'prompts/list', 'prompts/get'],
  ...['resources/list', 'resources/templates/list', 'resources/read', 'resources/subscribe'],
  ...['resources/unsubscribe', 'completion/complete', 'logging/setLevel', 'subscriptions/listen'],
  ...['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel', 'tasks/update'],
  ...['notifications/initialized', 'notifications/cancelled', 'notifications/progress'],
  ...['notifications/roots/list_changed'],
]

export function* checkOidc(oidc: Place, env: RuleContext['env']): Iterable<Finding> {
  for (const key of ENDPOINTS) yield* endpoint(oidc, child(oidc, key))
  yield* issuer(child(oidc, 'issuer'))
  yield* resource(oidc, child(oidc, 'resource'))
  yield* introspection(oidc, env)
  yield* scopes(oidc)
}

function* endpoint(oidc: Place, place: Place): Iterable<Finding> {
  const url = urlAt(place)
  if (url === undefined) return
  if (url.protocol === 'http:' && child(oidc, 'insecureAllowHttp').value !== true)
    yield wrong(
      place,
      'tokens would be judged by what comes over plain HTTP',
      'use https, or set insecureAllowHttp for development',
    )
  if (isPrivate(url) && child(oidc, 'jwksAllowPrivateIp').value !== true)
    yield wrong(place, `${url.hostname} is a private address`, 'set jwksAllowPrivateIp to allow it')
  if (url.username !== '' || url.password !== '') yield wrong(place, 'the URL may not hold credentials')
}

/** RFC 8414 §2. */
function* issuer(place: Place): Iterable<Finding> {
  const url = urlAt(place)
  if (url !== undefined && (url.search !== '' || url.hash !== ''))
    yield wrong(place, 'an issuer has neither a query nor a fragment')
}

/** RFC 9728 §1.2. */
function* resource(oidc: Place, place: Place): Iterable<Finding> {
  const url = urlAt(place)
  if (exists(oidc) && !exists(place)) {
    const hint = 'set resource to the URL of this server as clients know it'
    yield { ...odd(oidc, 'without resource clients cannot find out where to get a token', hint), part: 'key' }
  }
  if (url === undefined) return
  if (url.hash !== '' || url.search !== '')
    yield wrong(place, 'a resource has neither a query nor a fragment')
  if (isPrivate(url) && child(oidc, 'protectedResourceAllowPrivateIp').value !== true)
    yield odd(
      place,
      'clients elsewhere are told of a private address',
      'set protectedResourceAllowPrivateIp where that is meant',
    )
  if (url.protocol === 'http:' && !isPrivate(url)) yield odd(place, 'tokens would be sent over plain HTTP')
}

function* introspection(oidc: Place, env: RuleContext['env']): Iterable<Finding> {
  const [id, secret, url] = ['clientId', 'clientSecretEnv', 'introspectionUrl'].map((key) =>
    child(oidc, key),
  ) as [Place, Place, Place]
  const variable = textAt(secret)
  if (variable !== undefined && !env[variable])
    yield wrong(secret, `the environment variable ${variable} is not set or empty`)
  if (exists(url) && !(exists(id) && exists(secret)))
    yield wrong(url, 'introspection needs clientId and clientSecretEnv')
  if (exists(secret) && !exists(id)) yield odd(secret, 'has no effect without clientId')
}

function* scopes(oidc: Place): Iterable<Finding> {
  for (const scope of items(child(oidc, 'scopes'))) {
    if (scope.value !== 'offline_access') continue
    yield odd(scope, 'a server does not need offline_access; it is for clients to ask for')
  }
  for (const [method, place] of entries(child(oidc, 'requiredScopes', 'methods'))) {
    if (METHODS.includes(method)) continue
    const message = `${JSON.stringify(method)} is no method of MCP; the scopes apply to an extension that has it`
    yield { ...odd(place, message, didYouMean(method, METHODS)), part: 'key' }
  }
}

function urlAt(place: Place): URL | undefined {
  const text = textAt(place)
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined
}

/** As far as the name tells; where it leads is seen when it is used. */
function isPrivate({ hostname }: URL): boolean {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return host === 'localhost' || host.endsWith('.localhost') || (isIP(host) !== 0 && isPrivateAddress(host))
}
