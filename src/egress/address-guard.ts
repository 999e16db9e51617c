import ipaddr from 'ipaddr.js'
import type { IPv4, IPv6 } from 'ipaddr.js'
import { EgressError } from './egress-error.ts'
import type { EgressPolicy } from './egress-policy.ts'

/**
 * Which addresses may be connected to: the public ones, and those of the ranges that the operator names. Everything
 * else is closed: loopback, private, link-local and cloud metadata, shared address space, and IPv6 forms that carry an
 * IPv4 address (https://www.iana.org/assignments/iana-ipv6-special-registry).
 */
export interface AddressGuard {
  /** @throws EgressError `blocked` */
  assertAllowed(address: string, protocol: 'https:' | 'http:'): void
}

/** The only IPv6 space that is given out to anybody (RFC 4291, section 2.4; IANA). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Metadata and credentials of a cloud's virtual machines, at an address that otherwise counts as public. */
const METADATA = ['168.63.129.16']

export function createAddressGuard(policy: Pick<EgressPolicy, 'allowHttp' | 'allowedCidrs'>): AddressGuard {
  const ranges = policy.allowedCidrs.map(parseRange)
  return {
    assertAllowed(text, protocol) {
      const address = ipaddr.isValid(text) ? ipaddr.parse(text) : undefined
      if (address && ranges.some((range) => isInside(address, range))) return
      if (protocol === 'http:') {
        throw new EgressError('blocked', '`http:` is for the sandbox alone: register an `https:` endpoint')
      }
      if (!address || !isPublic(address)) {
        throw new EgressError(
          'blocked',
          'the endpoint is at an address that is not public: register a public one, or let the operator allow its range',
        )
      }
    },
  }
}

type Range = readonly [IPv4 | IPv6, number]

function parseRange(cidr: string): Range {
  try {
    return ipaddr.parseCIDR(cidr)
  } catch (cause) {
    throw new Error(
      `\`${cidr}\` is not an address range: write it as \`10.20.0.0/16\` or \`fd12:3456::/32\``,
      { cause },
    )
  }
}

/** INVARIANT: an IPv4 address inside an IPv6 one never matches an IPv4 range. */
function isInside(address: IPv4 | IPv6, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits)
}

function isPublic(address: IPv4 | IPv6): boolean {
  if (address.range() !== 'unicast' || METADATA.includes(address.toString())) return false
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST)
}
