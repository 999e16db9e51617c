/** The registry of clients: what each system may ask for, and by which keys it is known. */
import type { Client, ClientStore } from '#auth/client.ts'
import { readClientKeys } from '#auth/client-keys.ts'
import type { Database, Queryable } from './database.ts'

interface Row {
  readonly client_id: string
  readonly organization_id: string
  readonly sector: Client['sector']
  readonly profile: Client['profile']
  readonly jwks: Client['jwks']
  readonly scopes: string[]
  readonly purpose_of_use: string[]
  readonly disabled: boolean
}

export function createClientStore(database: Database): ClientStore {
  return {
    findClient: (id) => findClient(database, id),
    spendAssertion: async (clientId, jti, expiresAt) => {
      // INVARIANT: one atomic insert over all replicas; the clean-up is bounded, and never touches what has not expired.
      const rows = await database.query({
        name: 'spend-assertion',
        text: `
with expired as (
  select client_id, jti from spent_assertion where expires_at < now() - interval '1 minute' limit 10
  for update skip locked
), cleaned as (
  delete from spent_assertion s using expired e where s.client_id = e.client_id and s.jti = e.jti
)
insert into spent_assertion (client_id, jti, expires_at) values ($1, $2, $3) on conflict do nothing returning 1`,
        values: [clientId, jti, expiresAt],
      })
      return rows.length > 0
    },
  }
}

export async function findClient(db: Queryable, id: string): Promise<Client | undefined> {
  const [row] = await db.query<Row>({
    name: 'find-client',
    text: `
select c.client_id, c.organization_id, o.sector, c.profile, c.jwks, c.scopes, c.purpose_of_use,
  c.disabled_at is not null as disabled
from client c join organization o using (organization_id) where c.client_id = $1`,
    values: [id],
  })
  return (
    row && {
      id: row.client_id,
      organizationId: row.organization_id,
      sector: row.sector,
      profile: row.profile,
      // Checked when it was stored; a damaged row fails the verification, as a wrong key does.
      jwks: row.jwks,
      scopes: row.scopes,
      purposeOfUse: row.purpose_of_use,
      disabled: row.disabled,
    }
  )
}

/** Registers a client, or gives a registered one other keys, scopes or purposes; a disabled one stays disabled. */
export async function putClient(db: Queryable, client: Omit<Client, 'sector' | 'disabled'>): Promise<void> {
  await db.query({
    text: `
insert into client (client_id, organization_id, profile, jwks, scopes, purpose_of_use) values ($1, $2, $3, $4, $5, $6)
on conflict (client_id) do update set jwks = excluded.jwks, scopes = excluded.scopes, purpose_of_use = excluded.purpose_of_use
where client.organization_id = excluded.organization_id`,
    values: [
      client.id,
      client.organizationId,
      client.profile,
      JSON.stringify(readClientKeys(client.jwks)),
      client.scopes,
      client.purposeOfUse,
    ],
  })
}
