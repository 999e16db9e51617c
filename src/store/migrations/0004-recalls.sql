-- A recall tells an earlier recipient that the basis of what it was sent is gone: a row of the outbox like any other, whose
-- resource is the version of the Consent that took the basis away. It carries no content, so no decision is made about it.
alter table delivery add column kind text not null default 'change' check (kind in ('change', 'recall'));
-- What the recipient was given on that basis, `Type/id`: fixed when the basis goes.
alter table delivery add column recalled text[] not null default '{}';
