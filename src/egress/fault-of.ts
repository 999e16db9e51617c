import { EgressError } from './egress-error.ts'
import type { EgressErrorCode } from './egress-error.ts'

/** Turns what undici, Node's TLS or the system throws into an EgressError. */
export function faultOf(error: unknown, host: string): EgressError {
  if (error instanceof EgressError) return error
  const code = classify(error)
  return new EgressError(code, textOf(code, host), { cause: error })
}

/** https://man7.org/linux/man-pages/man2/connect.2.html: nothing was sent. */
const NO_CONNECTION = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES'])

const BY_CODE: Readonly<Record<string, EgressErrorCode>> = {
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'too-large',
  UND_ERR_INVALID_ARG: 'blocked',
  UND_ERR_MAX_ORIGINS_REACHED: 'blocked',
  UND_ERR_DESTROYED: 'closed',
  UND_ERR_CLOSED: 'closed',
}

/** OpenSSL's reasons (X509_V_ERR_*), Node's own and the handshake's alerts. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/

function classify(error: unknown): EgressErrorCode {
  if (!(error instanceof Error)) return 'broken'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = BY_CODE[code]
  if (known) return known
  if (NO_CONNECTION.has(code)) return 'refused'
  if (TLS_CODE.test(code)) return 'tls'
  // Of undici; its `code` is not always set.
  return error.name === 'HTTPParserError' ? 'protocol' : 'broken'
}

function textOf(code: EgressErrorCode, host: string): string {
  const texts: Readonly<Record<EgressErrorCode, string>> = {
    blocked: 'a header of the endpoint is not valid in HTTP: correct the subscription',
    dns: `the name \`${host}\` cannot be resolved: check the endpoint`,
    refused: `\`${host}\` accepts no connection`,
    tls: `\`${host}\` has no certificate that we trust for this name`,
    timeout: `\`${host}\` did not answer in time`,
    broken: `\`${host}\` ended the connection before its answer`,
    protocol: `what \`${host}\` answered is not HTTP`,
    'too-large': `the headers that \`${host}\` answered are too large`,
    closed: 'the gateway is shutting down',
  }
  return texts[code]
}
