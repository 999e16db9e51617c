-- What the directory said of somebody, version by version, while the entry is there: a deletion takes the earlier ones with it.
create table directory_version (
  id uuid not null references directory_entry,
  version_id uuid not null,
  -- In the order of the writes, whichever transaction began first.
  place bigint generated always as identity,
  recorded timestamptz not null,
  content json not null check (content::text !~ '"urn:oid:(1\.2\.208\.176\.1\.2|1\.2\.208\.176\.1\.6\.[0-9.]+|2\.16\.578\.1\.12\.4\.1\.4\.[123])"'),
  primary key (id, version_id)
);

insert into directory_version (id, version_id, recorded, content)
select id, version_id, last_updated, content from directory_entry where content is not null;
