/** Tokens that their client gave back before they ended. `findClient` reads them with the registration. */
import type { Transaction } from './database.ts'

export interface RevokedToken {
  readonly clientId: string
  readonly tokenId: string
  /** When the token ends by itself, and its row may go. */
  readonly expiresAt: Date
}

export async function revokeToken(
  tx: Transaction,
  { clientId, tokenId, expiresAt }: RevokedToken,
): Promise<void> {
  await tx.query({
    name: 'revoke-token',
    text: `
with expired as (
  select client_id, token_id from revoked_token where expires_at < now() - interval '1 minute' limit 10
  for update skip locked
), cleaned as (
  delete from revoked_token r using expired e where r.client_id = e.client_id and r.token_id = e.token_id
)
insert into revoked_token (client_id, token_id, expires_at) values ($1, $2, $3) on conflict do nothing`,
    values: [clientId, tokenId, expiresAt],
  })
}
