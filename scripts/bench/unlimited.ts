/** Settings of a gateway under load by one client from one address: what it could do, not what one client may ask for. */
export const unlimited = {
  SLUSE_RATE_ADDRESS: '1000000000',
  SLUSE_RATE_TOKEN: '1000000000',
  SLUSE_RATE_TOKEN_REFUSED: '1000000000',
  SLUSE_RATE_CLIENT: '1000000000',
  SLUSE_CLIENT_CONCURRENCY: '1000',
} as const
