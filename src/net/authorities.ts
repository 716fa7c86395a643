import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { GatewayError } from '../core/errors.ts'
import { buildConnector } from './undici.ts'

type Connecting = NonNullable<Parameters<typeof buildConnector>[0]>

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/**
 * How to connect, where the authorities in a PEM file are trusted beside the usual ones: those that are in it when a
 * connection is made. While there is nothing good in it, since it is just being replaced, the last that were are.
 * @param path absent where the usual ones are enough
 * @throws GatewayError `config` where there is nothing good in it from the beginning
 */
export function trusting(
  path: string | undefined,
  options: Connecting,
): Connecting | ReturnType<typeof buildConnector> {
  if (path === undefined) return options
  let version = versionOf(path)
  let connector = buildConnector({ ...options, ca: [...rootCertificates, ...read(path)] })
  return (target, callback) => {
    const found = versionOf(path)
    if (found !== version)
      try {
        connector = buildConnector({ ...options, ca: [...rootCertificates, ...read(path)] })
        version = found
      } catch {
        // It is looked at again for the next connection.
      }
    connector(target, callback)
  }
}

/** Changes with what is there. */
function versionOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.mtimeMs} ${found.ino} ${found.size}`
}

function read(path: string): string[] {
  try {
    const certificates = readFileSync(path, 'utf8').match(CERTIFICATE) ?? []
    if (certificates.length === 0) throw new Error('it holds no certificate in PEM')
    for (const text of certificates) new X509Certificate(text)
    return certificates
  } catch (cause) {
    const reason = (cause as Error).message
    throw new GatewayError('config', `cannot read the CA bundle '${path}': ${reason}`, { cause })
  }
}
