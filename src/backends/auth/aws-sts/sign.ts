import { createHash, createHmac } from 'node:crypto'

/** Temporary or lasting credentials of AWS. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary ones. */
  readonly sessionToken?: string | undefined
}

/** Where a signature counts. */
export interface SigningScope {
  readonly region: string
  readonly service: string
}

/** A request as it is sent. */
export interface Signable {
  readonly method: string
  /** As it stands in the request line, without the query. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  /** All of those that are signed, `Host` among them; names in any case, and repeated where they are sent repeatedly. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer | string | null
}

/** The day of a date, and the date, in the basic format of ISO 8601. */
export interface AmzDate {
  readonly day: string
  readonly time: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const UNRESERVED = /[A-Za-z0-9\-._~]/

export function amzDate(at: Date): AmzDate {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '')
  return { day: time.slice(0, 8), time }
}

/**
 * The value of `Authorization` for a request (AWS Signature Version 4, signing in headers).
 * @param key of `signingKey`, for the same day and scope
 */
export function authorization(
  request: Signable,
  { keys, key, scope, date }: { keys: AwsKeys; key: Buffer; scope: SigningScope; date: AmzDate },
): string {
  const canonical = canonicalRequest(request)
  const signature = hmac(key, stringToSign(canonical.text, scope, date)).toString('hex')
  const credential = `${keys.accessKeyId}/${scopeText(scope, date)}`
  return `${ALGORITHM} Credential=${credential}, SignedHeaders=${canonical.signed}, Signature=${signature}`
}

/** Good for one day. */
export function signingKey(secret: string, { region, service }: SigningScope, { day }: AmzDate): Buffer {
  return [day, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`))
}

export function stringToSign(canonical: string, scope: SigningScope, date: AmzDate): string {
  return [ALGORITHM, date.time, scopeText(scope, date), sha256(canonical)].join('\n')
}

/** @returns its text, and the names of the signed headers */
export function canonicalRequest(request: Signable): { readonly text: string; readonly signed: string } {
  const { method, path, query, body } = request
  const headers = canonicalHeaders(request.headers)
  const signed = headers.map(([name]) => name).join(';')
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join('')
  const text = [method, canonicalPath(path), canonicalQuery(query), lines, signed, sha256(body ?? '')]
  return { text: text.join('\n'), signed }
}

function scopeText({ region, service }: SigningScope, { day }: AmzDate): string {
  return `${day}/${region}/${service}/aws4_request`
}

function canonicalHeaders(headers: Signable['headers']): [string, string][] {
  const values = new Map<string, string[]>()
  for (const [name, value] of headers) {
    const trimmed = value.trim().replace(/\s+/g, ' ')
    const folded = name.toLowerCase()
    values.set(folded, [...(values.get(folded) ?? []), trimmed])
  }
  return [...values].map(([name, all]): [string, string] => [name, all.join(',')]).sort(byName)
}

/** Without dot segments and empty ones (RFC 3986 §5.2.4), and encoded once more than it is sent. */
function canonicalPath(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(encode(segment))
  }
  const end = kept.length > 0 && path.endsWith('/') ? '/' : ''
  return `/${kept.join('/')}${end}`
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map(([name, value]): [string, string] => [
    encode(name),
    encode(value),
  ])
  return pairs
    .sort((a, b) => byName(a, b) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** RFC 3986 §2.1, in upper case. */
function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return compare(a, b)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}
