import { connect, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls'
import { type Finding, finding } from './finding.ts'

const CA = 'set caBundlePath to a PEM file with the authority that signed it'
const WAIT_MS = 3_000

/** What is wrong with the certificate, or with TLS as such; `undefined` where the error is about something else. */
export function judgeTls(
  error: NodeJS.ErrnoException & { cert?: PeerCertificate },
  url: URL,
): Finding | undefined {
  const { code = '' } = error
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return finding(
        'tls_self_signed',
        `its certificate is self-signed (${code})`,
        `${CA}, which may be itself`,
      )
    case 'CERT_HAS_EXPIRED':
      return finding('tls_expired', 'its certificate has expired', 'renew the certificate of the server')
    case 'CERT_NOT_YET_VALID':
      return finding('tls_expired', 'its certificate is not valid yet', 'check the clocks of both machines')
    case 'ERR_TLS_CERT_ALTNAME_INVALID': {
      const names = error.cert?.subjectaltname ?? 'none'
      return finding(
        'tls_wrong_host',
        `its certificate is not for ${url.hostname}, but for: ${names}`,
        'use one of these names in the url, or give the server a certificate for this one',
      )
    }
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return finding('tls_authority', `nobody here knows the authority behind its certificate (${code})`, CA)
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'EPROTO':
      return finding(
        'not_tls',
        'it does not speak TLS at this port',
        'write http:// in the url, or correct the port',
      )
    default:
      return /^(ERR_TLS|ERR_SSL|CERT_)/.test(code)
        ? finding(
            'tls_other',
            `TLS failed: ${code}: ${error.message}`,
            'check the TLS settings of the server',
          )
        : undefined
  }
}

/** Whether a port that was spoken to without TLS speaks it. */
export function speaksTls(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const socket = connect({ host, port: Number(url.port || 80), rejectUnauthorized: false })
    const settle = (speaks: boolean) => {
      socket.destroy()
      resolve(speaks)
    }
    socket.setTimeout(WAIT_MS, () => settle(false))
    socket.once('secureConnect', () => settle(isCertificate(socket.getPeerCertificate())))
    socket.once('error', () => settle(false))
  })
}

function isCertificate(certificate: PeerCertificate | DetailedPeerCertificate): boolean {
  return Object.keys(certificate).length > 0
}
