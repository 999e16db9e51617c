-- When a record says that it was, or is planned: what the search parameter `date` compares. An open end is infinite; null where a
-- record does not say. Written with the resource (store/commit.ts); here of what was stored before.
alter table resource add column date_from timestamptz;
alter table resource add column date_until timestamptz;

-- 2026, 2026-02, 2026-02-03 or an instant: the first instant of it, or the first one after it. In UTC, as the search reads it.
create function pg_temp.bound_of(written text, is_end boolean) returns timestamptz language sql as $$
  select case
    when written is null then null
    when written ~ '^[1-9]\d{3}$' then (written || '-01-01T00:00:00Z')::timestamptz + case when is_end then interval '1 year' else '0' end
    when written ~ '^[1-9]\d{3}-\d{2}$' then (written || '-01T00:00:00Z')::timestamptz + case when is_end then interval '1 month' else '0' end
    when written ~ '^[1-9]\d{3}-\d{2}-\d{2}$' then (written || 'T00:00:00Z')::timestamptz + case when is_end then interval '1 day' else '0' end
    when written ~ 'T\d{2}:\d{2}(Z|[+-])' then written::timestamptz + case when is_end then interval '1 minute' else '0' end
    when written ~ 'T\d{2}:\d{2}:\d{2}(Z|[+-])' then written::timestamptz + case when is_end then interval '1 second' else '0' end
    when written ~ 'T' then date_trunc('milliseconds', written::timestamptz) + case when is_end then interval '1 millisecond' else '0' end
  end
$$;

set local timezone to 'UTC';
update resource r set
  date_from = coalesce(pg_temp.bound_of(d.starts, false), '-infinity'),
  date_until = coalesce(pg_temp.bound_of(d.ends, true), 'infinity')
from resource_version v cross join lateral (
  select
    case v.resource_type when 'Consent' then v.content ->> 'dateTime' else v.content -> 'period' ->> 'start' end as starts,
    case v.resource_type when 'Consent' then v.content ->> 'dateTime' else v.content -> 'period' ->> 'end' end as ends
) as d
where v.subject_id = r.subject_id and v.id = r.id and v.version_id = r.version_id
  and v.resource_type in ('CarePlan', 'Encounter', 'Consent') and (d.starts is not null or d.ends is not null);

-- Business identifiers became a way to find a record; a national id is none, and none is stored in a record.
update resource r set tokens = r.tokens || array(
  select distinct unnest(array['identifier=' || (i ->> 'value'), 'identifier=' || (i ->> 'system') || '|' || (i ->> 'value')])
  from jsonb_path_query(v.content::jsonb, '$.identifier[*]') as i where i ->> 'value' is not null and i ->> 'system' is not null)
from resource_version v
where v.subject_id = r.subject_id and v.id = r.id and v.version_id = r.version_id and v.content::jsonb ? 'identifier';

-- Whether a span is found by date clauses: joined by AND, each a list of { prefix, from, until } joined by OR. The same as fitsDates()
-- of src/fhir/date-search.ts. https://hl7.org/fhir/R4/search.html#prefix
create function fits_dates(lo timestamptz, hi timestamptz, clauses jsonb) returns boolean language sql stable parallel safe as $$
  select not exists (select 1 from jsonb_array_elements(clauses) as clause where not exists (
    select 1 from jsonb_to_recordset(clause) as t (prefix text, "from" timestamptz, until timestamptz)
    where case prefix
      when 'eq' then t."from" <= lo and hi <= t.until
      when 'ne' then not (t."from" <= lo and hi <= t.until)
      when 'gt' then hi > t.until
      when 'lt' then lo < t."from"
      when 'ge' then hi > t.until or (t."from" <= lo and hi <= t.until)
      when 'le' then lo < t."from" or (t."from" <= lo and hi <= t.until)
      when 'sa' then lo >= t.until
      when 'eb' then hi <= t."from"
    end))
$$;
