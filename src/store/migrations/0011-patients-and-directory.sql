-- A citizen's demographics as one organisation knows them. No other organisation reads them, so each has its own row; the
-- national id is not in here: it stands sealed in person_identifier.
create table patient (
  subject_id uuid not null,
  organization_id uuid not null references organization,
  version_id uuid not null,
  last_updated timestamptz not null,
  primary key (subject_id, organization_id)
);

create table patient_version (
  subject_id uuid not null,
  organization_id uuid not null,
  version_id uuid not null,
  recorded timestamptz not null,
  interaction text not null check (interaction in ('create', 'update')),
  -- A second wall behind the one that reads it in: no national id stands in stored demographics.
  content json not null check (content::text !~ '"urn:oid:(1\.2\.208\.176\.1\.2|1\.2\.208\.176\.1\.6\.[0-9.]+|2\.16\.578\.1\.12\.4\.1\.4\.[123])"'),
  primary key (subject_id, organization_id, version_id)
);

-- Who works where, in which role: what public registers say too, and nothing of anybody's own life. About staff, so no
-- subject. A row stays when its entry is deleted: its id was public, and nobody else may put another person under it.
create table directory_entry (
  id uuid primary key,
  resource_type text not null check (resource_type in ('Practitioner', 'PractitionerRole')),
  -- The employer: only it may write the entry.
  organization_id uuid not null references organization,
  version_id uuid not null,
  last_updated timestamptz not null,
  -- Null: deleted.
  content json check (content::text !~ '"urn:oid:(1\.2\.208\.176\.1\.2|1\.2\.208\.176\.1\.6\.[0-9.]+|2\.16\.578\.1\.12\.4\.1\.4\.[123])"'),
  -- As a search compares them: small letters without accents.
  names text[] not null,
  tokens text[] not null
);
create index directory_entry_tokens on directory_entry using gin (tokens) where content is not null;
create index directory_entry_organization on directory_entry (organization_id);
