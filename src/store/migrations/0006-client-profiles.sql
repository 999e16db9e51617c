-- A client follows one profile: SMART Backend Services, UDAP B2B, or HelseID (FAPI 2.0 with DPoP). See auth/profiles.ts.
alter table client drop constraint client_profile_check;
alter table client add constraint client_profile_check check (profile in ('smart', 'udap', 'helseid'));

alter table client
  -- Signature algorithms beside those of the profile: a system that has no others is registered with them.
  add column assertion_algorithms text[] not null default '{}',
  -- Where its keys are published. Then none stand here, so that there is one answer to which keys count.
  add column jwks_url text,
  -- Whose tokens it comes with, when not ours: its `issuer` in SLUSE_TRUSTED_ISSUERS. Then it needs no keys here.
  add column token_issuer text,
  -- May ask about the tokens of other clients; only an organisation of the oversight.
  add column resource_server boolean not null default false,
  add constraint client_one_key_source check (
    (jwks_url is null and token_issuer is null)
    or (num_nonnulls(jwks_url, token_issuer) = 1 and jwks -> 'keys' = '[]'::jsonb)
  );

-- A DPoP proof is spent once, over all replicas, by the key that signed it.
create table spent_proof (
  jkt text not null,
  jti text not null,
  expires_at timestamptz not null,
  primary key (jkt, jti)
);
create index spent_proof_expiry on spent_proof (expires_at);

-- Tokens that their client gave back before they ended: a few at a time, none older than a token's five minutes.
create table revoked_token (
  client_id text not null,
  token_id text not null,
  expires_at timestamptz not null,
  primary key (client_id, token_id)
);
create index revoked_token_expiry on revoked_token (expires_at);
