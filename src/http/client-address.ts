/** Who is at the other end: the address that limits, and registrations of address ranges, go by. */
import { isIP } from 'node:net'
import type { Request } from 'express'

/** Of a caller that has none: a socket that is already gone. It is in no range. */
const UNKNOWN = 'unknown'

/**
 * The caller's address: of the connection, or the last one in X-Forwarded-For that no trusted proxy wrote (Express's
 * `trust proxy`, set from SLUSE_TRUSTED_PROXIES). No other header is looked at: anybody can write Forwarded, X-Real-IP or
 * the name of a client certificate.
 */
export function clientAddress({ ip, socket }: Pick<Request, 'ip' | 'socket'>): string {
  const found = plain(ip)
  // A trusted proxy that forwards words, or an address with a port: then the address is its own.
  return found ?? plain(socket.remoteAddress) ?? UNKNOWN
}

/** An IPv4 address that came over an IPv6 socket is the IPv4 address. Without a zone (`fe80::1%eth0`), which is ours. */
function plain(address: string | undefined): string | undefined {
  const bare = (address ?? '').replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(bare) === 0 ? undefined : bare.toLowerCase()
}
