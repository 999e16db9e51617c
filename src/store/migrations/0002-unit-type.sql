-- What a unit does, by code of mappings/law/unit-types.json: it chooses the law of a disclosure to it. Null is unknown, and
-- to an unknown unit nothing is disclosed under Danish or Norwegian law.
alter table organization add column unit_type text;
