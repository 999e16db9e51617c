/** The registry of clients: what each system may ask for, and by which keys it is known. */
import type { Client, ClientStore } from '#auth/client.ts'
import { readClientKeys } from '#auth/client-keys.ts'
import { isAssertionAlgorithm } from '#auth/algorithms.ts'
import { algorithmsOf } from '#auth/profiles.ts'
import { findRegistration, writeRegistration } from './client-registrations.ts'
import type { Database, Queryable } from './database.ts'
import { spendProof } from './spent.ts'

interface Row {
  readonly client_id: string
  readonly organization_id: string
  readonly sector: Client['sector']
  readonly profile: Client['profile']
  readonly jwks: Client['jwks']
  readonly scopes: string[]
  readonly purpose_of_use: string[]
  readonly disabled: boolean
  readonly assertion_algorithms: string[]
  readonly jwks_url: string | null
  readonly token_issuer: string | null
  readonly resource_server: boolean
  readonly identifiers: Client['organizationIdentifiers']
  readonly revoked: string[]
  readonly address_ranges: string[]
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
    spendProof: (jkt, jti, expiresAt) => spendProof(database, jkt, jti, expiresAt),
  }
}

export async function findClient(db: Queryable, id: string): Promise<Client | undefined> {
  const [row] = await db.query<Row>({
    name: 'find-client',
    text: `
select c.client_id, c.organization_id, o.sector, c.profile, c.jwks, c.scopes, c.purpose_of_use,
  c.disabled_at is not null as disabled, c.assertion_algorithms, c.jwks_url, c.token_issuer, c.resource_server, c.address_ranges,
  o.identifiers,
  array(select r.token_id from revoked_token r where r.client_id = c.client_id and r.expires_at > now()) as revoked
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
      addressRanges: row.address_ranges,
      disabled: row.disabled,
      assertionAlgorithms: row.assertion_algorithms.filter(isAssertionAlgorithm),
      ...(row.jwks_url === null ? {} : { jwksUrl: row.jwks_url }),
      ...(row.token_issuer === null ? {} : { tokenIssuer: row.token_issuer }),
      resourceServer: row.resource_server,
      organizationIdentifiers: row.identifiers ?? [],
      revokedTokens: row.revoked,
    }
  )
}

/**
 * Registers a client, or gives a registered one other keys, scopes or purposes, without a trace of who did it: `registry.ts`
 * is an operator's way in. What else was set stays, and so does that it is disabled.
 */
export async function putClient(
  db: Queryable,
  { organizationIdentifiers: _of, revokedTokens: _ended, ...client }: Omit<Client, 'sector' | 'disabled'>,
): Promise<void> {
  const keysHere = client.jwksUrl === undefined && client.tokenIssuer === undefined
  const before = await findRegistration(db, client.id)
  const { addressRanges = [], mayOverride = false, overridePersons = [], disabled = false } = before ?? {}
  await writeRegistration(db, {
    assertionAlgorithms: [],
    resourceServer: false,
    addressRanges,
    ...client,
    jwks: keysHere ? readClientKeys(client.jwks, algorithmsOf(client)) : { keys: [] },
    mayOverride,
    overridePersons,
    disabled,
  })
}
