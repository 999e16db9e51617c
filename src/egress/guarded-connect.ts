import { lookup as resolveName } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import { callbackify } from 'node:util'
import { buildConnector } from 'undici'
import { createAddressGuard } from './address-guard.ts'
import { EgressError } from './egress-error.ts'
import type { EgressPolicy, Lookup } from './egress-policy.ts'

/**
 * Opens a connection for undici: resolves the name ourselves, checks every address, and connects to one that was
 * checked, under the name's SNI. Between check and connection no name is resolved again, so a name that changes its
 * address in between (DNS rebinding) gains nothing. A guard in `lookup` would not do: it is not called for literals.
 */
export type Connect = buildConnector.connector

/** Of one address; the next one gets its own. */
const CONNECT_TIMEOUT_MS = 5_000

export function createGuardedConnect(policy: EgressPolicy): Connect {
  const guard = createAddressGuard(policy)
  const lookup = shareLookups(policy.lookup ?? systemLookup)
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    allowH2: false,
    minVersion: 'TLSv1.2',
    // Said here, since NODE_TLS_REJECT_UNAUTHORIZED=0 in an environment would switch it off for all.
    rejectUnauthorized: true,
    ...(policy.authorities ? { ca: [...policy.authorities] } : {}),
  })

  /** INVARIANT: what is connected to is an address that was checked, never a name. */
  async function open(options: buildConnector.Options): Promise<Socket> {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1')
    const protocol = options.protocol === 'http:' ? 'http:' : 'https:'
    const addresses = isIP(host) ? [host] : await lookup(host)
    // All of them: a name that mixes a public address with a private one is up to something.
    for (const address of addresses) guard.assertAllowed(address, protocol)

    const { servername, ...rest } = options
    const name = protocol === 'https:' && !isIP(host) ? { servername: servername ?? host } : {}
    let failure: unknown = new EgressError('dns', `the name \`${host}\` has no address: check the endpoint`)
    for (const address of addresses) {
      try {
        return await connectOnce({ ...rest, ...name, hostname: address, host: address })
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  function connectOnce(options: buildConnector.Options): Promise<Socket> {
    return new Promise((resolve, reject) => {
      connect(options, (error, socket) => (error === null ? resolve(socket) : reject(error)))
    })
  }

  const openThen = callbackify(open)
  return (options, callback) => {
    openThen(options, (error, socket) => (error ? callback(error, null) : callback(null, socket)))
  }
}

const systemLookup: Lookup = async (name) => {
  const found = await resolveName(name, { all: true })
  return found.map(({ address }) => address)
}

/**
 * One question per name at a time: the system's resolver occupies one of libuv's few threads while it waits, and a
 * recipient with a slow name server must not take them all. https://nodejs.org/api/dns.html#implementation-considerations
 */
function shareLookups(lookup: Lookup): Lookup {
  const asked = new Map<string, Promise<readonly string[]>>()
  return (name) => {
    const known = asked.get(name)
    if (known) return known
    const answer = lookup(name)
      .catch((cause: unknown) => {
        throw new EgressError('dns', `the name \`${name}\` cannot be resolved: check the endpoint`, { cause })
      })
      .finally(() => asked.delete(name))
    asked.set(name, answer)
    return answer
  }
}
