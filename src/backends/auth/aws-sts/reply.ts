import { createRequire } from 'node:module'
import type { XmlElement } from '@rgrove/parse-xml'
import type { AwsKeys } from './sign.ts'

export interface AwsCredentials extends AwsKeys {
  readonly sessionToken: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** What AWS calls an error, and what it says of it. */
export interface AwsError {
  readonly code: string
  readonly message: string
}

const KEY_ID = /^\w{16,128}$/
/** Visible ASCII: what a header may hold. */
const VISIBLE = /^[\x21-\x7e]{1,16384}$/

/**
 * The credentials in an answer of AssumeRoleWithWebIdentity.
 * @throws Error, without what the answer says
 */
export function readCredentials(xml: string): AwsCredentials {
  const root = parse(xml)
  const found = ['AssumeRoleWithWebIdentityResult', 'Credentials'].reduce<XmlElement | undefined>(
    childOf,
    root?.name === 'AssumeRoleWithWebIdentityResponse' ? root : undefined,
  )
  const text = (name: string) => childOf(found, name)?.text.trim() ?? ''
  const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
    text('AccessKeyId'),
    text('SecretAccessKey'),
    text('SessionToken'),
    text('Expiration'),
  ]
  const expires = Date.parse(expiration)
  const isWhole = KEY_ID.test(accessKeyId) && VISIBLE.test(secretAccessKey) && VISIBLE.test(sessionToken)
  if (!isWhole || Number.isNaN(expires)) throw new Error('the answer holds no credentials')
  return { accessKeyId, secretAccessKey, sessionToken, expires }
}

/** The error in another answer than 200; `undefined` where it is none of AWS. */
export function readError(xml: string): AwsError | undefined {
  const error = childOf(safely(xml), 'Error')
  const code = childOf(error, 'Code')?.text.trim() ?? ''
  if (!/^\w{1,100}$/.test(code)) return undefined
  return { code, message: (childOf(error, 'Message')?.text ?? '').trim() }
}

function safely(xml: string): XmlElement | undefined {
  try {
    return parse(xml)
  } catch {
    return undefined
  }
}

/** Entities other than those of XML itself are errors, so that nothing grows. @throws Error */
function parse(xml: string): XmlElement | undefined {
  const { parseXml } = createRequire(import.meta.url)(
    '@rgrove/parse-xml',
  ) as typeof import('@rgrove/parse-xml')
  try {
    return parseXml(xml).root ?? undefined
  } catch {
    // What the parser says quotes the answer.
    throw new Error('the answer is not XML')
  }
}

function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const found = element?.children.find((child) => 'name' in child && child.name === name)
  return found as XmlElement | undefined
}
