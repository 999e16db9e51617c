-- PostgreSQL is the only truth; queues carry wake-ups. Every large table has the citizen's random subject id in its
-- primary key, so that it can later be distributed by citizen.

create table organization (
  organization_id uuid primary key,
  name text not null,
  sector text not null check (sector in ('hospital', 'municipality', 'gp', 'oversight')),
  jurisdiction text not null check (jurisdiction in ('DK', 'NO')),
  time_zone text not null,
  -- [{ "system": "urn:oid:1.2.208.176.1.1", "value": "…" }]
  identifiers jsonb not null,
  -- What the unit's name alone reveals about a citizen (v3-ActCode), e.g. {SUD} for an addiction unit.
  sensitivities text[] not null default '{}',
  part_of uuid references organization
);

create table client (
  client_id text primary key,
  organization_id uuid not null references organization,
  profile text not null check (profile in ('smart')),
  jwks jsonb not null,
  scopes text[] not null,
  purpose_of_use text[] not null,
  disabled_at timestamptz
);

-- A client assertion's jti is spent once, over all replicas.
create table spent_assertion (
  client_id text not null,
  jti text not null,
  expires_at timestamptz not null,
  primary key (client_id, jti)
);
create index spent_assertion_expiry on spent_assertion (expires_at);

create table person (
  subject_id uuid primary key,
  -- Raised by every write to a consent of this citizen, under a lock that each authorisation shares.
  consent_epoch bigint not null default 0
);

-- The one place that holds national ids: a keyed hash to find, an AES-256-GCM envelope to read.
create table person_identifier (
  lookup bytea primary key,
  subject_id uuid not null references person,
  system text not null,
  sealed bytea not null
);
create index person_identifier_subject on person_identifier (subject_id);

-- The current version of each resource: a pointer and what can be searched. Content lives in resource_version.
create table resource (
  subject_id uuid not null,
  resource_type text not null,
  id uuid not null,
  version_id uuid not null,
  custodian uuid not null,
  last_updated timestamptz not null,
  tokens text[] not null,
  primary key (subject_id, resource_type, id)
) with (fillfactor = 90);
-- One id is one resource, whoever's and of whatever type: two writers of one new id cannot both win.
create unique index resource_id on resource (id);

create table resource_version (
  subject_id uuid not null,
  resource_type text not null,
  id uuid not null,
  version_id uuid not null,
  custodian uuid not null,
  recorded timestamptz not null,
  interaction text not null check (interaction in ('create', 'update')),
  content json not null,
  labels json not null,
  primary key (subject_id, id, version_id)
);

-- Messages already accepted, by sender: the same id again is answered again, not stored again.
create table message (
  client_id text not null,
  message_id text not null,
  body_sha256 bytea not null,
  receipt json not null,
  received_at timestamptz not null,
  primary key (client_id, message_id)
);

-- What was refused: the original, sealed, and the reason.
create table quarantine (
  quarantine_id uuid primary key,
  received_at timestamptz not null default now(),
  client_id text not null,
  organization_id uuid not null,
  route text not null,
  code text not null,
  expression text,
  body_sha256 bytea not null,
  sealed bytea not null
);

create table subscription (
  subscription_id uuid primary key,
  version_id uuid not null,
  client_id text not null,
  organization_id uuid not null,
  status text not null check (status in ('requested', 'active', 'error', 'off')),
  topic text not null,
  resource_types text[] not null,
  -- Clauses joined by AND, each a list of tokens joined by OR: [["status=active"], ["category=a", "category=b"]]
  filter jsonb not null,
  payload_content text not null check (payload_content in ('empty', 'id-only', 'full-resource')),
  endpoint text not null,
  timeout_ms integer not null,
  -- channel.header, sealed: it may hold the subscriber's secret.
  sealed_headers bytea not null,
  content json not null,
  error text,
  event_count bigint not null default 0,
  handshake_due_at timestamptz,
  -- Of the first successful handshake: from then on events are kept for it, also while it is in error.
  activated_at timestamptz,
  created_at timestamptz not null default now(),
  last_updated timestamptz not null default now()
);
create index subscription_activated on subscription (subscription_id) where activated_at is not null and status <> 'off';
create index subscription_handshake on subscription (handshake_due_at) where status = 'requested';
create index subscription_client on subscription (client_id);

-- One row for each event and matching subscription, written with the change (transactional outbox).
create table delivery (
  subject_id uuid not null,
  delivery_id bigint not null generated always as identity,
  subscription_id uuid not null,
  resource_type text not null,
  id uuid not null,
  version_id uuid not null,
  interaction text not null,
  occurred_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'delivered', 'withheld', 'dead')),
  -- Dense per subscription, given at the first authorisation: a refused event never takes a number.
  event_number bigint,
  attempts integer not null default 0,
  due_at timestamptz not null,
  -- Judged by database time. A late worker's fence no longer matches, and its write is refused.
  lease_until timestamptz,
  fence bigint not null default 0,
  reason text,
  last_status integer,
  settled_at timestamptz,
  primary key (subject_id, delivery_id)
) with (fillfactor = 80);
create index delivery_open on delivery (subscription_id, delivery_id) where state = 'open';
create index delivery_lane on delivery (subscription_id, subject_id, delivery_id) where state = 'open';
create unique index delivery_event_number on delivery (subscription_id, event_number) where event_number is not null;

-- Append-only. `entry` is the canonical JSON (RFC 8785) that `leaf_hash` is the hash of; the other columns repeat what
-- is searched for. No personal data: the subject is a random id.
create table audit_event (
  audit_id uuid not null,
  recorded timestamptz not null default clock_timestamp(),
  subject_id uuid,
  kind text not null,
  effect text,
  organization_id uuid,
  custodian uuid,
  recipient uuid,
  entry text not null,
  leaf_hash bytea not null,
  primary key (audit_id)
);
create index audit_event_subject on audit_event (subject_id, recorded);
create index audit_event_custodian on audit_event (custodian, recorded);
create index audit_event_recipient on audit_event (recipient, recorded);
create index audit_event_organization on audit_event (organization_id, recorded);

-- Ends a statement from within an expression.
create function refuse(reason text) returns boolean language plpgsql volatile as $$
begin
  raise exception 'refused: %', reason using errcode = 'check_violation';
end $$;

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit_event is append-only: % refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger audit_event_append_only before update or delete on audit_event
  for each row execute function refuse_audit_change();
create trigger audit_event_no_truncate before truncate on audit_event
  for each statement execute function refuse_audit_change();
