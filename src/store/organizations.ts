/** The registry of organisations: who they are, in which sector and under which law. */
import type { Queryable } from './database.ts'

export interface Organization {
  readonly id: string
  readonly name: string
  readonly sector: 'hospital' | 'municipality' | 'gp' | 'oversight'
  readonly jurisdiction: 'DK' | 'NO'
  readonly timeZone: string
  readonly identifiers: readonly { readonly system: string; readonly value: string }[]
  /** What the unit's name alone reveals about a citizen (v3-ActCode). */
  readonly sensitivities: readonly string[]
  /** What it does, by code of `mappings/law/unit-types.json`. Absent: unknown, and then it may receive nothing. */
  readonly unitType?: string
  readonly partOf?: string
  /** Addresses that its subscriptions may send to; absent: any that the egress guard allows. */
  readonly endpoints?: readonly string[]
  /** Systems of the national ids that it may name citizens by; absent: all that there are. */
  readonly nationalIdSystems?: readonly string[]
}

interface Row {
  readonly organization_id: string
  readonly name: string
  readonly sector: Organization['sector']
  readonly jurisdiction: Organization['jurisdiction']
  readonly time_zone: string
  readonly identifiers: Organization['identifiers']
  readonly sensitivities: string[]
  readonly part_of: string | null
  readonly unit_type: string | null
  readonly endpoints: string[]
  readonly national_id_systems: string[]
}

/** Without a trace of who did it: `registry.ts` is the way in. Sector and country stay, since what was accepted under them stays. */
export async function putOrganization(db: Queryable, organization: Organization): Promise<void> {
  await db.query({
    text: `
insert into organization (organization_id, name, sector, jurisdiction, time_zone, identifiers, sensitivities, part_of, unit_type,
  endpoints, national_id_systems)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (organization_id) do update set name = excluded.name, time_zone = excluded.time_zone,
  identifiers = excluded.identifiers, sensitivities = excluded.sensitivities, part_of = excluded.part_of,
  unit_type = excluded.unit_type, endpoints = excluded.endpoints, national_id_systems = excluded.national_id_systems`,
    values: [
      organization.id,
      organization.name,
      organization.sector,
      organization.jurisdiction,
      organization.timeZone,
      JSON.stringify(organization.identifiers),
      organization.sensitivities,
      organization.partOf ?? null,
      organization.unitType ?? null,
      organization.endpoints ?? [],
      organization.nationalIdSystems ?? [],
    ],
  })
}

/** For an operator at the command line: all of them. */
export async function allOrganizations(db: Queryable): Promise<Organization[]> {
  const rows = await db.query<Row>({ text: 'select * from organization order by name, organization_id' })
  return rows.map(asOrganization)
}

/** All of these and the organisations that they are part of. */
export async function organizationsById(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Organization>> {
  const rows = await db.query<Row>({
    name: 'organizations',
    text: `
with recursive chain as (
  select o.* from organization o where organization_id = any ($1)
  union
  select o.* from organization o join chain c on o.organization_id = c.part_of
)
select * from chain`,
    values: [[...new Set(ids)]],
  })
  return new Map(rows.map((row) => [row.organization_id, asOrganization(row)]))
}

/** As with a client's registration, "at once" for a person: see auth/client-reader.ts. */
const STALENESS_MS = 5_000

/**
 * Reads one organisation through a short memory, for what is sent in: who may receive is always read anew. INVARIANT: on the
 * connection of whoever asks. Were it another one, as many transactions as the pool has connections would wait for each other.
 */
export function createOrganizationReader(
  now: () => Date,
): (db: Queryable, id: string) => Promise<Organization | undefined> {
  const remembered = new Map<string, { readonly readAt: number; readonly organization: Organization }>()
  return async (db, id) => {
    const readAt = now().getTime()
    const known = remembered.get(id)
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : readAt - known.readAt
    if (known !== undefined && ageMs >= 0 && ageMs < STALENESS_MS) return known.organization
    const organization = (await organizationsById(db, [id])).get(id)
    if (organization) remembered.set(id, { readAt, organization })
    return organization
  }
}

/** What a unit treats, by each way to name it: `Organization/<id>`, and `<system>|<value>` of its numbers. */
export type SensitiveUnits = ReadonlyMap<string, readonly string[]>

export function sensitiveUnitsOf(organizations: readonly Organization[]): SensitiveUnits {
  return new Map(
    organizations
      .filter(({ sensitivities }) => sensitivities.length > 0)
      .flatMap(({ id, identifiers, sensitivities }) =>
        [`Organization/${id}`, ...identifiers.map(({ system, value }) => `${system}|${value}`)].map(
          (name) => [name, sensitivities] as const,
        ),
      ),
  )
}

/** Through a short memory as well, and on the asker's connection; a unit that becomes sensitive labels what is sent in from then on. */
export function createSensitiveUnitsReader(now: () => Date): (db: Queryable) => Promise<SensitiveUnits> {
  let remembered: { readonly readAt: number; readonly units: SensitiveUnits } | undefined
  return async (db) => {
    const readAt = now().getTime()
    const ageMs = remembered === undefined ? Number.POSITIVE_INFINITY : readAt - remembered.readAt
    if (remembered !== undefined && ageMs >= 0 && ageMs < STALENESS_MS) return remembered.units
    const rows = await db.query<Row>({
      name: 'sensitive-units',
      text: "select * from organization where sensitivities <> '{}'",
    })
    const units = sensitiveUnitsOf(rows.map(asOrganization))
    remembered = { readAt, units }
    return units
  }
}

/** Those that any of these numbers names. */
export async function organizationsByIdentifier(
  db: Queryable,
  identifiers: readonly { readonly system?: string; readonly value?: string }[],
): Promise<Organization[]> {
  if (identifiers.length === 0) return []
  const rows = await db.query<Row>({
    name: 'organizations-by-identifier',
    text: `
select * from organization where organization_id in (
  select organization_id from organization_identifier where value = any ($1))`,
    values: [identifiers.flatMap(({ value }) => (value === undefined ? [] : [value]))],
  })
  return rows.map(asOrganization)
}

function asOrganization(row: Row): Organization {
  return {
    id: row.organization_id,
    name: row.name,
    sector: row.sector,
    jurisdiction: row.jurisdiction,
    timeZone: row.time_zone,
    identifiers: row.identifiers,
    sensitivities: row.sensitivities,
    ...(row.part_of ? { partOf: row.part_of } : {}),
    ...(row.unit_type ? { unitType: row.unit_type } : {}),
    ...(row.endpoints.length > 0 ? { endpoints: row.endpoints } : {}),
    ...(row.national_id_systems.length > 0 ? { nationalIdSystems: row.national_id_systems } : {}),
  }
}
