-- The registry is filled by `sluse org` and `sluse client`. What must hold of it holds here too, for whoever writes SQL.

alter table organization
  -- Where its subscriptions may send to; empty: anywhere that the egress guard allows.
  add column endpoints text[] not null default '{}',
  -- Systems of the national ids that its clients name citizens by; empty: all that the gateway knows.
  add column national_id_systems text[] not null default '{}';

-- One number names one organisation, whichever of its names the number's system goes by.
create function identifier_system(system text) returns text language sql immutable as $$
  select case
    when bare in ('http://www.gs1.org/gln', 'urn:oid:1.3.88') then 'https://www.gs1.org/gln'
    when bare = 'urn:oid:1.3.184' then 'http://cvr.dk'
    else bare end
  from (select regexp_replace(system, '^urn:oid\.', 'urn:oid:') as bare) as s
$$;
create table organization_identifier (
  system text not null,
  value text not null,
  organization_id uuid not null references organization on delete cascade,
  primary key (system, value)
);
create index organization_identifier_value on organization_identifier (value);
create index organization_identifier_organization on organization_identifier (organization_id);
create function keep_organization_identifiers() returns trigger language plpgsql as $$
begin
  delete from organization_identifier where organization_id = new.organization_id;
  insert into organization_identifier (system, value, organization_id)
  select distinct identifier_system(i ->> 'system'), i ->> 'value', new.organization_id
  from jsonb_array_elements(new.identifiers) as i;
  return new;
end $$;
-- Two that share a number stop the upgrade: which of them it names, a person has to say.
insert into organization_identifier (system, value, organization_id)
select distinct identifier_system(i ->> 'system'), i ->> 'value', organization_id
from organization, jsonb_array_elements(identifiers) as i;
create trigger organization_identifiers_made after insert on organization
  for each row execute function keep_organization_identifiers();
create trigger organization_identifiers_changed after update of identifiers on organization
  for each row when (old.identifiers is distinct from new.identifiers) execute function keep_organization_identifiers();

-- The lock: two changes that are each right alone could together close a circle.
create function refuse_organization_cycle() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(5105107);
  if exists (
    with recursive above as (
      select o.organization_id, o.part_of from organization o where o.organization_id = new.part_of
      union
      select o.organization_id, o.part_of from organization o join above a on o.organization_id = a.part_of
    )
    select 1 from above where organization_id = new.organization_id
  ) then
    raise exception 'organization % would be part of itself', new.organization_id
      using errcode = 'check_violation', constraint = 'organization_no_cycle';
  end if;
  return new;
end $$;
create trigger organization_no_cycle after insert or update of part_of on organization
  for each row when (new.part_of is not null) execute function refuse_organization_cycle();

-- Addresses that the client may come from, as CIDR; empty: any.
alter table client add column address_ranges text[] not null default '{}';

-- The clients as they were, as with organisations.
create table client_version (
  client_id text not null,
  recorded timestamptz not null default clock_timestamp(),
  client jsonb not null,
  primary key (client_id, recorded)
);
create function keep_client_version() returns trigger language plpgsql as $$
begin
  insert into client_version (client_id, client) values (new.client_id, to_jsonb(new));
  return new;
end $$;
create trigger client_versions after insert or update on client
  for each row execute function keep_client_version();
insert into client_version (client_id, client) select client_id, to_jsonb(client) from client;

-- Supervision asks for changes of the registry, whoever's they are.
create index audit_event_registry on audit_event (recorded) where kind = 'registry-change';
