/** Lists of current records: of one citizen, or with given ids, in an order that goes on after any row. */
import type { DateClauses } from '#fhir/date-search.ts'
import type { Queryable } from './database.ts'
import type { Listed, Stretch } from './place.ts'
import { asStored, COLUMNS, type ResourceRow, type StoredResource } from './resources.ts'

export interface ResourceQuery extends Stretch {
  readonly resourceTypes: readonly string[]
  /** One of the two at least: nobody lists the records of all citizens. */
  readonly subjectId?: string | undefined
  readonly ids?: readonly string[] | undefined
  /** Clauses joined by AND, each a list of tokens joined by OR. */
  readonly clauses: readonly (readonly string[])[]
  readonly lastUpdated: DateClauses
  readonly date: DateClauses
  readonly order: Order
}

export type Order = 'newest' | 'oldest' | 'date' | '-date'

/** What has no date comes last either way. */
const orders: Readonly<Record<Order, { readonly key: string; readonly direction: 'asc' | 'desc' }>> = {
  newest: { key: 'r.last_updated', direction: 'desc' },
  oldest: { key: 'r.last_updated', direction: 'asc' },
  date: { key: "coalesce(nullif(r.date_from, '-infinity'), 'infinity')", direction: 'asc' },
  '-date': { key: "coalesce(r.date_from, '-infinity')", direction: 'desc' },
}

export type ListedResource = Listed<{ readonly stored: StoredResource }>

export async function searchResources(db: Queryable, query: ResourceQuery): Promise<ListedResource[]> {
  const { subjectId, ids } = query
  if (subjectId === undefined && ids === undefined) throw new Error('a list names a citizen, or ids')
  const whose = subjectId === undefined ? 'ids' : 'citizen'
  const rows = await db.query<ResourceRow & { place: string }>({
    name: `search-${whose}-${query.order}`,
    text: statements[whose][query.order],
    values: [
      subjectId ?? null,
      query.resourceTypes,
      ids ?? null,
      JSON.stringify(query.clauses),
      asJson(query.lastUpdated),
      asJson(query.date),
      query.after?.key ?? null,
      query.after?.id ?? null,
      query.limit,
    ],
  })
  return rows.map((row) => ({ stored: asStored(row), place: { key: row.place, id: row.id } }))
}

/** Contents are read of the rows that are given, not of those that are only passed. */
function statement(whose: 'citizen' | 'ids', order: Order): string {
  const { key, direction } = orders[order]
  return `
select ${COLUMNS}, r.place::text as place from (
  select r.subject_id, r.id, r.version_id, ${key} as place from resource r
  where ${whose === 'citizen' ? 'r.subject_id = any (same_citizen($1)) and ($3::uuid[] is null or r.id = any ($3))' : '$1::uuid is null and r.id = any ($3::uuid[])'}
    and r.resource_type = any ($2) and r.version_id is not null
    and not exists (
      select 1 from jsonb_array_elements($4::jsonb) as clause
      where not exists (select 1 from jsonb_array_elements_text(clause) as token where token = any (r.tokens)))
    and ($5::jsonb is null or fits_dates(
      date_trunc('milliseconds', r.last_updated), date_trunc('milliseconds', r.last_updated) + interval '1 millisecond', $5))
    and ($6::jsonb is null or fits_dates(r.date_from, r.date_until, $6))
    and ($7::text is null or (${key}, r.id) ${direction === 'asc' ? '>' : '<'} ($7::timestamptz, $8::uuid))
  order by place ${direction}, r.id ${direction} limit $9) as r
join resource_version v using (subject_id, id, version_id)
order by r.place ${direction}, r.id ${direction}`
}

const statements = {
  citizen: statementsOf('citizen'),
  ids: statementsOf('ids'),
}

function statementsOf(whose: 'citizen' | 'ids'): Readonly<Record<Order, string>> {
  return {
    newest: statement(whose, 'newest'),
    oldest: statement(whose, 'oldest'),
    date: statement(whose, 'date'),
    '-date': statement(whose, '-date'),
  }
}

function asJson(clauses: DateClauses): string | null {
  return clauses.length === 0
    ? null
    : JSON.stringify(
        clauses.map((terms) =>
          terms.map(({ prefix, from, until }) => ({
            prefix,
            from: new Date(from).toISOString(),
            until: new Date(until).toISOString(),
          })),
        ),
      )
}

export interface PointingQuery {
  readonly subjectIds: readonly string[]
  readonly references: readonly string[]
  readonly resourceTypes: readonly string[]
  readonly except: readonly string[]
}

/** Current records of these citizens that point to any of these, by id. */
export async function pointingTo(db: Queryable, query: PointingQuery & Stretch): Promise<ListedResource[]> {
  const rows = await db.query<ResourceRow>({
    name: 'pointing-to',
    text: `
select ${COLUMNS} from (
  select subject_id, id, version_id from resource
  where subject_id = any ($1) and resource_type = any ($2) and points_to && $3 and version_id is not null
    and ($4::uuid is null or id > $4) and id <> all ($6::uuid[])
  order by id limit $5) as r
join resource_version v using (subject_id, id, version_id) order by v.id`,
    values: [
      query.subjectIds,
      query.resourceTypes,
      query.references,
      query.after?.id ?? null,
      query.limit,
      query.except,
    ],
  })
  return rows.map((row) => ({ stored: asStored(row), place: { key: '', id: row.id } }))
}
