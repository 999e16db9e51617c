/** What everybody may know of an organisation. What a unit treats, its clients, endpoints and purposes are not selected here. */
import type { Queryable } from './database.ts'
import type { DirectoryQuery } from './directory.ts'
import type { Organization } from './organizations.ts'

export type PublicOrganization = Pick<
  Organization,
  'id' | 'name' | 'sector' | 'identifiers' | 'unitType' | 'partOf'
>

/** Systems of the two codes that say what kind of organisation it is. */
export const SECTOR = 'https://sluse.example/fhir/CodeSystem/sector'
export const UNIT_TYPE = 'https://sluse.example/fhir/CodeSystem/unit-type'

interface Row {
  readonly organization_id: string
  readonly name: string
  readonly sector: PublicOrganization['sector']
  readonly identifiers: PublicOrganization['identifiers']
  readonly unit_type: string | null
  readonly part_of: string | null
}

/** As for the directory; a number is found by the system that it was registered with and by the one that it is compared by. */
export async function searchOrganizations(
  db: Queryable,
  { ids, clauses, names, after, limit }: DirectoryQuery,
): Promise<PublicOrganization[]> {
  const rows = await db.query<Row>({
    name: 'search-organizations',
    text: `
select o.organization_id, o.name, o.sector, o.identifiers, o.unit_type, o.part_of
from organization o
cross join lateral (
  select regexp_replace(normalize(lower(o.name), nfd), '[\\u0300-\\u036f]', '', 'g') as whole) as n
cross join lateral (
  select array[
      'type=' || o.sector, 'type=${SECTOR}|' || o.sector,
      'type=' || o.unit_type, 'type=${UNIT_TYPE}|' || o.unit_type,
      'partof=Organization/' || o.part_of]
    || array(
      select token from (
        select i.system, i.value from organization_identifier i where i.organization_id = o.organization_id
        union select i ->> 'system', i ->> 'value' from jsonb_array_elements(o.identifiers) as i) as i
      cross join unnest(array['identifier=' || i.value, 'identifier=' || i.system || '|' || i.value]) as token)
    as tokens) as t
where ($1::uuid[] is null or o.organization_id = any ($1))
  and not exists (
    select 1 from jsonb_array_elements($2::jsonb) as clause
    where not exists (select 1 from jsonb_array_elements_text(clause) as token where token = any (t.tokens)))
  and not exists (
    select 1 from jsonb_array_elements($3::jsonb) as clause
    where not exists (
      select 1 from jsonb_array_elements_text(clause) as beginning, unnest(string_to_array(n.whole, ' ') || n.whole) as name
      where starts_with(name, beginning)))
  and ($4::uuid is null or o.organization_id > $4)
order by o.organization_id limit $5`,
    values: [ids ?? null, JSON.stringify(clauses), JSON.stringify(names), after ?? null, limit],
  })
  return rows.map((row) => ({
    id: row.organization_id,
    name: row.name,
    sector: row.sector,
    identifiers: row.identifiers,
    ...(row.unit_type ? { unitType: row.unit_type } : {}),
    ...(row.part_of ? { partOf: row.part_of } : {}),
  }))
}
