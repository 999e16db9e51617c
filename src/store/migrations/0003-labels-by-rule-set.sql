-- Labels are a function of the content and of the rules. `resource_version.labels` are those of acceptance; here are those
-- of the same content under other rules. Rows are only added, so processes of two rule sets do not fight, going back to
-- the earlier rules finds their labels again, and a decision of the past can be replayed with the labels of then.
create table resource_label (
  subject_id uuid not null,
  id uuid not null,
  version_id uuid not null,
  rule_set text not null,
  recorded timestamptz not null default clock_timestamp(),
  labels json not null,
  primary key (subject_id, id, version_id, rule_set)
);

-- Which rules were in force from when on: a row whenever a process starts with others than the last one did.
create table rule_set_start (
  started_at timestamptz primary key default clock_timestamp(),
  version text not null
);

-- How far a rule set has got through what was stored before it. Its row is locked by the one worker that is at it.
create table relabelling (
  rule_set text primary key,
  after_subject_id uuid,
  after_resource_type text,
  after_id uuid,
  labelled bigint not null default 0,
  finished_at timestamptz
);

-- Other resources that this one points to, `Type/id`: a citizen's rows are few, so they are searched without an index.
alter table resource add column points_to text[] not null default '{}';
update resource r set points_to = array(
  select distinct regexp_replace(reference #>> '{}', '/_history/.*$', '')
  from jsonb_path_query(v.content::jsonb, '$.**.reference ? (@.type() == "string")') as reference
  where reference #>> '{}' ~ '^(CarePlan|Encounter|Condition|Consent)/')
from resource_version v
where v.subject_id = r.subject_id and v.id = r.id and v.version_id = r.version_id;

-- The registry as it was: what a unit treats labels what it sent and what names it.
create table organization_version (
  organization_id uuid not null,
  recorded timestamptz not null default clock_timestamp(),
  organization jsonb not null,
  primary key (organization_id, recorded)
);
create function keep_organization_version() returns trigger language plpgsql as $$
begin
  insert into organization_version (organization_id, organization) values (new.organization_id, to_jsonb(new));
  return new;
end $$;
create trigger organization_versions after insert or update on organization
  for each row execute function keep_organization_version();
insert into organization_version (organization_id, organization) select organization_id, to_jsonb(organization) from organization;
