-- Keys have versions (docs/operations/keys.md). A sealed value names its key in its header; a value of version 1 has key 1.
create function sealed_key(sealed bytea) returns integer language sql immutable strict parallel safe as $$
  select case get_byte(sealed, 0) when 1 then 1 else get_byte(sealed, 1) * 256 + get_byte(sealed, 2) end
$$;
alter table person_identifier add column lookup_key integer not null default 1;
create index person_identifier_lookup_key on person_identifier (lookup_key);
create index person_identifier_sealed_key on person_identifier (sealed_key(sealed));
create index subscription_sealed_key on subscription (sealed_key(sealed_headers));
create index override_grant_sealed_key on override_grant (sealed_key(sealed_reason));
create index quarantine_sealed_key on quarantine (sealed_key(sealed));

-- Keys that something was made with. A process that does not have them all must not add citizens: it would not find those
-- who are there. The check tells one key 2 from another key 2; it is an HMAC, and tells nothing of the key.
create table key_in_use (
  kind text not null check (kind in ('lookup', 'seal')),
  key_id integer not null,
  check_value bytea not null,
  since timestamptz not null default clock_timestamp(),
  retired_at timestamptz,
  primary key (kind, key_id)
);

-- Two subjects that are one citizen share this id, that of the one that they were merged into. Each keeps its records and its
-- numbers, so that taking them apart again moves nothing (docs/operations/merging-persons.md).
alter table person add column citizen_id uuid references person;
create index person_citizen on person (citizen_id) where citizen_id is not null;

-- A consent of a citizen who was merged or unmerged, until a person has confirmed it. While there is one, nothing of that citizen is
-- exchanged.
create table consent_suspension (
  subject_id uuid not null references person,
  consent_id uuid not null,
  cause text not null check (cause in ('merged', 'unmerged')),
  since timestamptz not null default clock_timestamp(),
  primary key (subject_id, consent_id)
);

-- The subjects that are one citizen with this one, confirmed or not.
create function merged_with(asked uuid) returns uuid[] language sql stable parallel safe as $$
  select coalesce((
    select array_agg(other.subject_id order by other.subject_id)
    from person one join person other on other.citizen_id = one.citizen_id where one.subject_id = asked
  ), array[asked])
$$;

-- Whether a consent of one of these waits for a person, also one that has been replaced or withdrawn meanwhile.
create function is_suspended(subjects uuid[]) returns boolean language sql stable parallel safe as $$
  select exists (select 1 from consent_suspension where subject_id = any (subjects))
$$;

-- Whose records are shown when this subject is asked for: those of the same citizen, once every consent of theirs is confirmed.
create function same_citizen(asked uuid) returns uuid[] language sql stable parallel safe as $$
  select case when cardinality(merged) > 1 and not is_suspended(merged) then merged else array[asked] end
  from (select merged_with(asked) as merged) as m
$$;
