/** The addresses that a client may come from, as CIDR: IPv4 (RFC 4632) or IPv6 (RFC 4291, section 2.3). */
import ipaddr from 'ipaddr.js'

export type ReadRange = { readonly range: string; readonly warning?: string } | { readonly fault: string }

/** As the registry keeps it: the network's own address. One address alone is a range of one. */
export function readAddressRange(text: string): ReadRange {
  const given = ipaddr.isValid(text) ? `${text}/${text.includes(':') ? 128 : 32}` : text
  // The library also reads `010.1.2.3` as octal, and three parts as four.
  const isPlain = given.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(given.replace(/\/.*$/, ''))
  if (!isPlain || !ipaddr.isValidCIDR(given))
    return { fault: 'this is no address range; write it as `192.0.2.0/24` or `2001:db8::/32`' }
  const [network, bits] = ipaddr.parseCIDR(given)
  if (bits === 0)
    return {
      fault: 'this is every address; leave address ranges out where the client may come from anywhere',
    }
  const kind = network.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  const range = `${kind.networkAddressFromCIDR(given).toString()}/${bits}`
  const same = `${network.toString()}/${bits}` === range
  return same
    ? { range }
    : { range, warning: `\`${given}\` is an address inside its range; registered as \`${range}\`` }
}

/**
 * No ranges: from anywhere. An address that cannot be read is in none, and a range that cannot be read has none. An IPv4
 * address that came as an IPv6 one is the IPv4 address.
 */
export function isAllowedAddress(ranges: readonly string[], address: string): boolean {
  if (ranges.length === 0) return true
  if (!ipaddr.isValid(address)) return false
  const from = ipaddr.process(address)
  return ranges.some((range) => {
    if (!ipaddr.isValidCIDR(range)) return false
    const [network, bits] = ipaddr.parseCIDR(range)
    return from.kind() === network.kind() && from.match(network, bits)
  })
}
