-- Apps that exist, each with all of its settings.
create table app (
  app_id text collate "C" primary key,
  created_position int8 not null,
  account_id text collate "C" not null,
  mode text collate "C" not null,
  name_subject text collate "C" not null,
  name_ciphertext text collate "C" not null,
  flow_url_subject text collate "C" not null,
  flow_url_ciphertext text collate "C" not null,
  webhook_url_subject text collate "C" not null,
  webhook_url_ciphertext text collate "C" not null,
  fallback_url_subject text collate "C",
  fallback_url_ciphertext text collate "C",
  status text collate "C" not null,
  channel_limit int4,
  secret_id text collate "C",
  webhook_api_version text collate "C" not null,
  answering_key_id text collate "C"
) with (fillfactor = 80);
create index app_of_account on app (account_id, created_position);
create index app_of_secret on app (secret_id) where secret_id is not null;
