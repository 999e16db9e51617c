-- A deleted resource keeps its row, and with it its id and its custodian, but has no current version: whatever joins a resource
-- with its current version no longer finds it. The deletion itself is a version without content, for its history.
alter table resource alter column version_id drop not null;
alter table resource_version alter column content drop not null;
alter table resource_version alter column labels drop not null;
alter table resource_version drop constraint resource_version_interaction_check;
alter table resource_version add constraint resource_version_interaction_check check (
  interaction in ('create', 'update') and content is not null and labels is not null
  or interaction = 'delete' and content is null and labels is null);

-- First answers by Idempotency-Key. The key is kept as a hash, with its client; the answer sealed: it may hold a subscriber's secret.
create table idempotency_key (
  key_sha256 bytea primary key,
  -- Of method, address, preconditions and body.
  request_sha256 bytea not null,
  sealed_answer bytea not null,
  expires_at timestamptz not null
);
create index idempotency_key_expiry on idempotency_key (expires_at);
create index idempotency_key_sealed_key on idempotency_key (sealed_key(sealed_answer));
