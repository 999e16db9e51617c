-- Work for a person: what the gateway may not decide alone, or must not forget. Random ids and codes only: no personal
-- data, no text of anybody's. Shown as FHIR Task to its owner.
create table work_item (
  work_item_id uuid primary key,
  version_id uuid not null default gen_random_uuid(),
  code text not null check (code in ('review-override', 'consent-not-computable', 'indeterminate', 'inform-patient',
    'basis-withdrawn-tell', 'verification-alarm')),
  owner uuid not null references organization (organization_id),
  subject_id uuid not null,
  -- `Type/id`, or a version of it; checked, so that no other text can end up here.
  focus text check (focus ~ '^[A-Z][A-Za-z]{1,63}/[0-9a-f-]{36}(/_history/[0-9a-f-]{36})?$'),
  -- Of a review: the use of which grant.
  override_id uuid,
  -- A code of docs/reasons.md.
  reason text not null check (reason ~ '^[a-z][a-z0-9-]{1,63}$'),
  status text not null default 'requested' check (status in ('requested', 'in-progress', 'completed')),
  due_at timestamptz,
  dedupe_key text not null check (length(dedupe_key) between 1 and 300),
  created_at timestamptz not null default clock_timestamp(),
  last_updated timestamptz not null default clock_timestamp()
);
-- One open item for one matter: the same finding again adds none.
create unique index work_item_open on work_item (owner, code, dedupe_key) where status <> 'completed';
create index work_item_owner on work_item (owner, created_at, work_item_id);
create index work_item_override on work_item (override_id) where override_id is not null;

-- Who may break the glass: the client as such, and the persons whom it may name, [{ "system": "…", "value": "…" }] by
-- authorisation number, never by national id.
alter table client
  add column may_override boolean not null default false,
  add column override_persons jsonb not null default '[]' check (
    override_persons::text !~ '"urn:oid:(1\.2\.208\.176\.1\.2|1\.2\.208\.176\.1\.6\.[0-9.]+|2\.16\.578\.1\.12\.4\.1\.4\.[123])"');

-- A person may look for a limited time, whatever the consents say. Nothing is released by the row alone: it is one of the
-- things that a decision asks for.
create table override_grant (
  override_id uuid primary key,
  subject_id uuid not null,
  client_id text not null references client,
  organization_id uuid not null references organization,
  person jsonb not null,
  ground text not null check (ground ~ '^[a-z][a-z0-9-]{1,63}$'),
  -- The person's own words, for the review alone.
  sealed_reason bytea not null,
  opened_at timestamptz not null,
  expires_at timestamptz not null,
  check (expires_at > opened_at and expires_at <= opened_at + interval '8 hours')
);
create index override_grant_subject on override_grant (subject_id, opened_at);
