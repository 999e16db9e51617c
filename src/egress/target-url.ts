import { EgressError } from './egress-error.ts'
import type { EgressPolicy } from './egress-policy.ts'

/**
 * Reads an endpoint's URL, once, by the rules that the connection goes by (https://url.spec.whatwg.org): decimal, octal
 * and hexadecimal forms of an IPv4 address are that address afterwards.
 */
export interface TargetUrl {
  readonly origin: string
  /** For error texts. */
  readonly hostname: string
  /** Path and query. */
  readonly path: string
}

/** @throws EgressError `blocked` */
export function parseTargetUrl(text: string, policy: Pick<EgressPolicy, 'allowHttp'>): TargetUrl {
  const url = URL.parse(text)
  if (url === null)
    throw new EgressError('blocked', 'the endpoint is not a URL: register one that begins with `https://`')
  const { protocol } = url
  if (protocol !== 'https:' && !(protocol === 'http:' && policy.allowHttp)) {
    throw new EgressError('blocked', 'the endpoint must be an `https:` URL')
  }
  if (url.username !== '' || url.password !== '') {
    throw new EgressError('blocked', 'the endpoint holds a user or password: send credentials in a header')
  }
  if (!isAllowedPort(url.port)) {
    throw new EgressError(
      'blocked',
      `port ${url.port} is reserved for other services: use 443, or 1024 and above`,
    )
  }
  return { origin: url.origin, hostname: url.hostname, path: url.pathname + url.search }
}

/** Below 1024 other protocols listen, such as mail, that could be talked into something by HTTP. Empty: the default port. */
function isAllowedPort(port: string): boolean {
  return port === '' || port === '443' || Number(port) >= 1024
}
