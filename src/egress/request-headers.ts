import { EgressError } from './egress-error.ts'

/**
 * Headers of a request, lower case. A subscriber chooses some of them (Subscription.channel.header), so those that say
 * where the request goes or where it ends are not his: undici takes the TLS name from `host`, and `content-length` or
 * `transfer-encoding` could smuggle a second request (https://www.rfc-editor.org/rfc/rfc9112#name-request-smuggling).
 */
const OURS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Later ones win over earlier ones that differ in case alone. That names and values are valid in HTTP, and hold no line
 * break, is checked by undici.
 * @throws EgressError `blocked`
 */
export function readHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const read = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (OURS.has(lower))
      throw new EgressError(
        'blocked',
        `the header \`${lower}\` cannot be set: remove it from the subscription`,
      )
    read.set(lower, value)
  }
  // No compression, no bomb in it.
  read.set('accept-encoding', 'identity')
  return Object.fromEntries(read)
}
