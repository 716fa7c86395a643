import { request } from 'undici'
import { GatewayError } from '../../../core/errors.ts'

interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** In milliseconds. */
  readonly timeoutMs: number
}

/** Of one answer: some 2,000 vectors. */
const MOST_BYTES = 64 * 1024 * 1024
/** What services say of too many texts, or too long ones. */
const TOO_LARGE: readonly number[] = [400, 413, 422]

/** Sends JSON and reads JSON. @throws GatewayError */
export async function postJson(target: Target, body: unknown, signal: AbortSignal): Promise<unknown> {
  return send(target, { method: 'POST', body: JSON.stringify(body) }, signal)
}

export async function getJson(target: Target, signal: AbortSignal): Promise<unknown> {
  return send(target, { method: 'GET', body: null }, signal)
}

async function send(
  { url, headers, timeoutMs }: Target,
  { method, body }: { method: 'GET' | 'POST'; body: string | null },
  signal: AbortSignal,
): Promise<unknown> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    const response = await request(url, {
      method,
      body,
      headers: { ...headers, ...(body !== null && { 'content-type': 'application/json' }) },
      signal: limit,
    })
    const text = await readText(response.body)
    if (response.statusCode !== 200) throw refusal(response.statusCode, url)
    return JSON.parse(text)
  } catch (error) {
    throw described(error, { url, timeoutMs, isLate: limit.aborted && !signal.aborted })
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new GatewayError('bad_gateway', 'the embedding service answers too much')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function refusal(status: number, url: string): GatewayError {
  if (TOO_LARGE.includes(status))
    return new GatewayError(
      'too_large',
      `the embedding service at ${origin(url)} refused the texts (HTTP ${status})`,
    )
  if (status === 401 || status === 403)
    return new GatewayError(
      'unauthenticated',
      `the embedding service at ${origin(url)} refused the credentials (HTTP ${status}); set OPENAI_API_KEY, or embeddingHeaders`,
    )
  return new GatewayError('unavailable', `the embedding service at ${origin(url)} answered HTTP ${status}`)
}

function described(
  error: unknown,
  { url, timeoutMs, isLate }: { url: string; timeoutMs: number; isLate: boolean },
): GatewayError {
  if (error instanceof GatewayError) return error
  if (isLate)
    return new GatewayError(
      'timeout',
      `the embedding service at ${origin(url)} did not answer within ${timeoutMs} ms`,
    )
  if (error instanceof SyntaxError)
    return new GatewayError('bad_gateway', `the embedding service at ${origin(url)} did not answer with JSON`)
  return new GatewayError('unavailable', `the embedding service at ${origin(url)} cannot be reached`, {
    cause: error,
  })
}

/** Paths and queries may hold secrets. */
function origin(url: string): string {
  return new URL(url).origin
}

/** @throws GatewayError `bad_gateway` where it is not a list of that many vectors of one length */
export function checkVectors(value: unknown, count: number): readonly (readonly number[])[] {
  const vectors = value as readonly (readonly number[])[]
  const length = Array.isArray(value) ? (vectors[0]?.length ?? 0) : 0
  const isVector = (it: unknown) =>
    Array.isArray(it) && it.length === length && length > 0 && it.every(Number.isFinite)
  if (Array.isArray(value) && value.length === count && value.every(isVector)) return vectors
  throw new GatewayError(
    'bad_gateway',
    `the embedding service did not answer with ${count} vectors of one length`,
  )
}
