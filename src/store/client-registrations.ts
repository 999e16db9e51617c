/** The registration of a client, all of it, as an operator made it. What a request needs of it is read in `clients.ts`. */
import type { AssertionAlgorithm } from '#auth/algorithms.ts'
import { isAssertionAlgorithm } from '#auth/algorithms.ts'
import type { Client } from '#auth/client.ts'
import type { Queryable } from './database.ts'
import type { PersonOnDuty } from './overrides.ts'

export interface ClientRegistration {
  readonly id: string
  readonly organizationId: string
  readonly profile: Client['profile']
  /** Beside those of the profile. */
  readonly assertionAlgorithms: readonly AssertionAlgorithm[]
  /** Public keys by value, as `readClientKeys` made them; none when they are elsewhere. */
  readonly jwks: Client['jwks']
  readonly jwksUrl?: string
  readonly tokenIssuer?: string
  readonly resourceServer: boolean
  readonly scopes: readonly string[]
  readonly purposeOfUse: readonly string[]
  /** CIDR; none: it may come from anywhere. */
  readonly addressRanges: readonly string[]
  readonly mayOverride: boolean
  readonly overridePersons: readonly PersonOnDuty[]
  readonly disabled: boolean
}

interface Row {
  readonly client_id: string
  readonly organization_id: string
  readonly profile: Client['profile']
  readonly assertion_algorithms: string[]
  readonly jwks: Client['jwks']
  readonly jwks_url: string | null
  readonly token_issuer: string | null
  readonly resource_server: boolean
  readonly scopes: string[]
  readonly purpose_of_use: string[]
  readonly address_ranges: string[]
  readonly may_override: boolean
  readonly override_persons: PersonOnDuty[]
  readonly disabled_at: Date | null
}

export async function allRegistrations(db: Queryable): Promise<ClientRegistration[]> {
  const rows = await db.query<Row>({ text: 'select * from client order by client_id' })
  return rows.map(asRegistration)
}

export async function findRegistration(db: Queryable, id: string): Promise<ClientRegistration | undefined> {
  const [row] = await db.query<Row>({ text: 'select * from client where client_id = $1', values: [id] })
  return row && asRegistration(row)
}

/** One statement, so that each change is one row of the client's history. */
export async function writeRegistration(db: Queryable, client: ClientRegistration): Promise<void> {
  await db.query({
    text: `
insert into client (client_id, organization_id, profile, assertion_algorithms, jwks, jwks_url, token_issuer, resource_server,
  scopes, purpose_of_use, address_ranges, may_override, override_persons, disabled_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, case when $14 then now() end)
on conflict (client_id) do update set profile = excluded.profile, assertion_algorithms = excluded.assertion_algorithms,
  jwks = excluded.jwks, jwks_url = excluded.jwks_url, token_issuer = excluded.token_issuer,
  resource_server = excluded.resource_server, scopes = excluded.scopes, purpose_of_use = excluded.purpose_of_use,
  address_ranges = excluded.address_ranges, may_override = excluded.may_override,
  override_persons = excluded.override_persons,
  disabled_at = case when $14 then coalesce(client.disabled_at, excluded.disabled_at) end
where client.organization_id = excluded.organization_id`,
    values: [
      client.id,
      client.organizationId,
      client.profile,
      client.assertionAlgorithms,
      JSON.stringify(client.jwks),
      client.jwksUrl ?? null,
      client.tokenIssuer ?? null,
      client.resourceServer,
      client.scopes,
      client.purposeOfUse,
      client.addressRanges,
      client.mayOverride,
      JSON.stringify(client.overridePersons),
      client.disabled,
    ],
  })
}

function asRegistration(row: Row): ClientRegistration {
  return {
    id: row.client_id,
    organizationId: row.organization_id,
    profile: row.profile,
    assertionAlgorithms: row.assertion_algorithms.filter(isAssertionAlgorithm),
    jwks: row.jwks,
    ...(row.jwks_url === null ? {} : { jwksUrl: row.jwks_url }),
    ...(row.token_issuer === null ? {} : { tokenIssuer: row.token_issuer }),
    resourceServer: row.resource_server,
    scopes: row.scopes,
    purposeOfUse: row.purpose_of_use,
    addressRanges: row.address_ranges,
    mayOverride: row.may_override,
    overridePersons: row.override_persons,
    disabled: row.disabled_at !== null,
  }
}
