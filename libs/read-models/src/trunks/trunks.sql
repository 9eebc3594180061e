-- IP lists that exist.
create table ip_list (
  ip_list_id text collate "C" primary key,
  created_position int8 not null,
  account_id text collate "C" not null,
  mode text collate "C" not null,
  name_subject text collate "C" not null,
  name_ciphertext text collate "C" not null,
  address_count int4 not null,
  created_at_ms int8 not null,
  updated_at_ms int8 not null
) with (fillfactor = 80);
create index ip_list_of_account on ip_list (account_id, created_position);

-- Their addresses, in the order in which the account gave them.
create table ip_list_address (
  ip_list_id text collate "C" not null,
  place int4 not null,
  address_subject text collate "C" not null,
  address_ciphertext text collate "C" not null,
  description_subject text collate "C",
  description_ciphertext text collate "C",
  primary key (ip_list_id, place)
);

-- SIP trunks that exist, each with its settings; nothing of a password.
create table trunk (
  trunk_id text collate "C" primary key,
  created_position int8 not null,
  account_id text collate "C" not null,
  mode text collate "C" not null,
  name_subject text collate "C" not null,
  name_ciphertext text collate "C" not null,
  authentication text collate "C" not null,
  username_subject text collate "C",
  username_ciphertext text collate "C",
  ip_list_id text collate "C",
  transport text collate "C" not null,
  is_active bool not null,
  channel_limit int4,
  cps_limit int4,
  recording_enabled bool not null,
  route_name_subject text collate "C",
  route_name_ciphertext text collate "C",
  sip_url_subject text collate "C",
  sip_url_ciphertext text collate "C",
  sip_user_subject text collate "C",
  sip_user_ciphertext text collate "C",
  webhook_url_subject text collate "C",
  webhook_url_ciphertext text collate "C",
  webhook_api_version text collate "C" not null,
  secret_id text collate "C",
  created_at_ms int8 not null,
  updated_at_ms int8 not null
) with (fillfactor = 80);
create index trunk_of_account on trunk (account_id, created_position);
create index trunk_of_secret on trunk (secret_id) where secret_id is not null;
create index trunk_of_ip_list on trunk (ip_list_id) where ip_list_id is not null;

-- The addresses of trunks that have some of their own.
create table trunk_address (
  trunk_id text collate "C" not null,
  place int4 not null,
  name_subject text collate "C",
  name_ciphertext text collate "C",
  address_subject text collate "C" not null,
  address_ciphertext text collate "C" not null,
  primary key (trunk_id, place)
);
