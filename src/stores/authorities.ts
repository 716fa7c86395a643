import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { GatewayError } from '../core/errors.ts'
import type { RedisTls } from '../core/limits.ts'

/** What the certificate of Redis may be signed by; `undefined` is the usual. @throws GatewayError `config` */
export function authoritiesOf({ caCertPath }: RedisTls): string[] | undefined {
  return caCertPath === undefined ? undefined : [...rootCertificates, read(caCertPath)]
}

function read(path: string): string {
  const text = textOf(path)
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new GatewayError(
    'config',
    `Redis: ${path} holds no certificate in PEM; name another file in caCertPath`,
  )
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = `Redis: cannot read ${path} (${code ?? message}); name another file in caCertPath`
    throw new GatewayError('config', why, { cause })
  }
}
