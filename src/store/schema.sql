-- What the migrations add up to. Written by `npm run schema`; to be read, not to be run.

CREATE OR REPLACE FUNCTION public.clock_now()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$select now()$function$;

create table accounts (
  sid text not null,
  parent_sid text,
  friendly_name text not null,
  status text not null default 'active'::text,
  auth_token bytea not null,
  secondary_auth_token bytea,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  secondary_created_at timestamp with time zone,
  settled_token bytea,
  media_access text not null default 'public'::text,
  debugger_url text,
  closed_at timestamp with time zone,
  erased_at timestamp with time zone,
  constraint accounts_pkey PRIMARY KEY (sid),
  constraint accounts_media_access_check CHECK ((media_access = ANY (ARRAY['public'::text, 'auth'::text, 'signed'::text]))),
  constraint accounts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'closed'::text]))),
  constraint accounts_parent_sid_fkey FOREIGN KEY (parent_sid) REFERENCES accounts(sid)
);
CREATE INDEX accounts_of_parent ON public.accounts USING btree (parent_sid) WHERE (parent_sid IS NOT NULL);
CREATE INDEX accounts_to_erase ON public.accounts USING btree (closed_at) WHERE (erased_at IS NULL);

create table activity (
  account_sid text not null,
  step text not null,
  at timestamp with time zone not null,
  sender_id uuid not null,
  inbound integer not null,
  outbound integer not null,
  delivered integer not null,
  read integer not null,
  failed integer not null,
  constraint activity_pkey PRIMARY KEY (account_sid, step, at, sender_id),
  constraint activity_step_check CHECK ((step = ANY (ARRAY['minute'::text, 'hour'::text])))
);

create table alert_counts (
  account_sid text not null,
  step text not null,
  at timestamp with time zone not null,
  code integer not null,
  level text not null,
  alerts integer not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  constraint alert_counts_pkey PRIMARY KEY (account_sid, step, at, code, level),
  constraint alert_counts_step_check CHECK ((step = ANY (ARRAY['minute'::text, 'hour'::text])))
);

create table alerts (
  account_sid text not null,
  id uuid not null,
  code integer not null,
  level text not null,
  text text not null,
  resource_sid text,
  request_url text,
  request_method text,
  request_variables text,
  request_headers text,
  response_headers text,
  response_body text,
  created_at timestamp with time zone not null default clock_now(),
  service_sid text,
  response_status integer,
  constraint alerts_pkey PRIMARY KEY (account_sid, id)
) partition by RANGE (id);
create table alerts_default partition of alerts default;
CREATE INDEX alerts_by_code ON ONLY public.alerts USING btree (code, account_sid, id);
CREATE INDEX alerts_of_resource ON ONLY public.alerts USING btree (account_sid, resource_sid);

create table api_keys (
  account_sid text not null,
  id uuid not null,
  kind text not null,
  friendly_name text not null,
  secret_digest bytea not null,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  constraint api_keys_pkey PRIMARY KEY (account_sid, id),
  constraint api_keys_id_key UNIQUE (id),
  constraint api_keys_kind_check CHECK ((kind = ANY (ARRAY['main'::text, 'standard'::text]))),
  constraint api_keys_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);

create table applications (
  account_sid text not null,
  id uuid not null,
  friendly_name text,
  api_version text not null,
  voice_url text,
  voice_method text not null,
  voice_fallback_url text,
  voice_fallback_method text not null,
  voice_caller_id_lookup boolean not null,
  status_callback text,
  status_callback_method text not null,
  sms_url text,
  sms_method text not null,
  sms_fallback_url text,
  sms_fallback_method text not null,
  sms_status_callback text,
  message_status_callback text,
  public_application_connect_enabled boolean not null,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  constraint applications_pkey PRIMARY KEY (account_sid, id),
  constraint applications_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);

create table audit_entries (
  account_sid text not null,
  id uuid not null,
  actor_type text not null,
  actor text not null,
  actor_name text not null,
  address text,
  source text not null,
  event_type text not null,
  resource_type text not null,
  resource_sid text not null,
  before json,
  after json,
  created_at timestamp with time zone not null default clock_now(),
  constraint audit_entries_pkey PRIMARY KEY (account_sid, id),
  constraint audit_entries_actor_type_check CHECK ((actor_type = ANY (ARRAY['user'::text, 'account'::text, 'key'::text, 'system'::text]))),
  constraint audit_entries_source_check CHECK ((source = ANY (ARRAY['console'::text, 'api'::text, 'system'::text])))
);
CREATE INDEX audit_entries_of_resource ON public.audit_entries USING btree (account_sid, resource_sid, id);

create table bin_versions (
  name text not null,
  version integer not null,
  twiml text not null,
  saved_by text,
  saved_at timestamp with time zone not null default clock_now(),
  constraint bin_versions_pkey PRIMARY KEY (name, version),
  constraint bin_versions_name_fkey FOREIGN KEY (name) REFERENCES bins(name) ON DELETE CASCADE
);

create table bins (
  name text not null,
  account_sid text not null,
  twiml text not null,
  updated_at timestamp with time zone not null default clock_now(),
  version integer not null default 1,
  constraint bins_pkey PRIMARY KEY (name),
  constraint bins_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);
CREATE INDEX bins_of_account ON public.bins USING btree (account_sid, name);

create table callback_times (
  account_sid text not null,
  step text not null,
  at timestamp with time zone not null,
  sender_id uuid not null,
  bucket integer not null,
  calls integer not null,
  failed integer not null,
  constraint callback_times_pkey PRIMARY KEY (account_sid, step, at, sender_id, bucket),
  constraint callback_times_step_check CHECK ((step = ANY (ARRAY['minute'::text, 'hour'::text])))
);

create table channel_logins (
  id uuid not null,
  session_id uuid not null,
  account_sid text not null,
  channel text not null,
  provider_app_id text not null,
  sender_id uuid,
  state_hash bytea not null,
  started_at timestamp with time zone not null default now(),
  returned_at timestamp with time zone,
  problem text,
  user_name text,
  missing text[] not null default '{}'::text[],
  constraint channel_logins_pkey PRIMARY KEY (id),
  constraint channel_logins_state_hash_key UNIQUE (state_hash),
  constraint channel_logins_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid),
  constraint channel_logins_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE
);
CREATE INDEX channel_logins_of_session ON public.channel_logins USING btree (session_id, account_sid, channel, returned_at);

create table contacts (
  account_sid text not null,
  sender_id uuid not null,
  address text not null,
  name text,
  name_checked_at timestamp with time zone,
  last_action_at timestamp with time zone,
  opted_out_at timestamp with time zone,
  unreachable_at timestamp with time zone,
  delivered_until timestamp with time zone,
  read_until timestamp with time zone,
  early_receipts text[] not null default '{}'::text[],
  cookies text,
  cookies_at timestamp with time zone,
  created_at timestamp with time zone not null default clock_now(),
  constraint contacts_pkey PRIMARY KEY (account_sid, sender_id, address)
) with (fillfactor=80);

create table counted_until (
  id boolean not null default true,
  at timestamp with time zone not null,
  constraint counted_until_pkey PRIMARY KEY (id),
  constraint counted_until_id_check CHECK (id)
);

create table event_keys (
  digest uuid not null,
  kept_at timestamp with time zone not null default now(),
  constraint event_keys_pkey PRIMARY KEY (digest)
);
CREATE INDEX event_keys_by_age ON public.event_keys USING btree (kept_at);

create table events (
  account_sid text,
  id uuid not null,
  channel text not null,
  sender_address text not null,
  contact_address text,
  dedupe_key text not null,
  kind text not null,
  note text,
  happened_at timestamp with time zone not null,
  received_at timestamp with time zone not null default clock_now(),
  raw json not null,
  constraint events_pkey PRIMARY KEY (id)
) partition by RANGE (id);
create table events_default partition of events default;
CREATE INDEX events_not_acted_on ON ONLY public.events USING btree (COALESCE(account_sid, ''::text), id) WHERE (note IS NOT NULL);

create table exchanges (
  account_sid text not null,
  id uuid not null,
  message_id uuid not null,
  purpose text not null,
  url text not null,
  method text not null,
  request_headers json not null,
  request_params json not null,
  status integer,
  response_headers json not null,
  response_body text not null,
  started_at timestamp with time zone not null,
  duration_ms integer not null,
  error_code integer,
  error_text text,
  resource_sid text,
  constraint exchanges_pkey PRIMARY KEY (account_sid, message_id, id),
  constraint exchanges_purpose_check CHECK ((purpose = ANY (ARRAY['callback'::text, 'fallback'::text, 'redirect'::text, 'status'::text, 'usage'::text])))
) partition by RANGE (message_id);
create table exchanges_default partition of exchanges default;
CREATE INDEX exchanges_of_resource ON ONLY public.exchanges USING btree (account_sid, resource_sid, message_id) WHERE (resource_sid IS NOT NULL);

create table found_senders (
  login_id uuid not null,
  address text not null,
  name text not null,
  access_token bytea not null,
  tasks text[],
  obstacle text,
  constraint found_senders_pkey PRIMARY KEY (login_id, address),
  constraint found_senders_login_id_fkey FOREIGN KEY (login_id) REFERENCES channel_logins(id) ON DELETE CASCADE
);

create table idempotency_keys (
  account_sid text not null,
  key text not null,
  request_hash text not null,
  message_id uuid not null,
  created_at timestamp with time zone not null default clock_now(),
  constraint idempotency_keys_pkey PRIMARY KEY (account_sid, key)
);
CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

create table installed_channels (
  account_sid text not null,
  channel text not null,
  installed_at timestamp with time zone not null default clock_now(),
  constraint installed_channels_pkey PRIMARY KEY (account_sid, channel),
  constraint installed_channels_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);

create table jobs (
  lane text collate "C" not null,
  id bigint not null generated always as identity,
  data json not null,
  attempt integer not null default 0,
  created_at timestamp with time zone not null default clock_now(),
  constraint jobs_pkey PRIMARY KEY (lane, id)
);

create table lanes (
  lane text not null,
  kind text not null,
  group_key text not null,
  urgent boolean not null default false,
  due_at timestamp with time zone not null default clock_now(),
  version bigint not null default 0,
  node_id uuid,
  constraint lanes_pkey PRIMARY KEY (lane)
) with (fillfactor=80);
CREATE INDEX lanes_due ON public.lanes USING btree (kind, group_key, urgent DESC, due_at) WHERE (node_id IS NULL);

create table media (
  account_sid text not null,
  id uuid not null,
  message_id uuid not null,
  nth integer not null,
  state text not null default 'waiting'::text,
  content_type text,
  file_name text,
  file_id uuid,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  is_awaited boolean not null default true,
  constraint media_pkey PRIMARY KEY (account_sid, id),
  constraint media_account_sid_message_id_nth_key UNIQUE (account_sid, message_id, nth),
  constraint media_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'stored'::text, 'failed'::text]))),
  constraint media_account_sid_file_id_fkey FOREIGN KEY (account_sid, file_id) REFERENCES media_files(account_sid, id)
);
CREATE INDEX media_by_age ON public.media USING btree (id);
CREATE INDEX media_of_file ON public.media USING btree (account_sid, file_id) WHERE (file_id IS NOT NULL);

create table media_files (
  account_sid text not null,
  id uuid not null,
  bytes bigint not null,
  sha256 text not null,
  created_at timestamp with time zone not null default clock_now(),
  check_at timestamp with time zone,
  constraint media_files_pkey PRIMARY KEY (account_sid, id)
);
CREATE INDEX media_files_to_check ON public.media_files USING btree (check_at) WHERE (check_at IS NOT NULL);

create table memberships (
  account_sid text not null,
  user_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null default clock_now(),
  constraint memberships_pkey PRIMARY KEY (account_sid, user_id),
  constraint memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'developer'::text, 'support'::text, 'read-only'::text]))),
  constraint memberships_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid),
  constraint memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX memberships_of_user ON public.memberships USING btree (user_id);

create table message_parts (
  account_sid text not null,
  message_id uuid not null,
  part integer not null,
  sender_id uuid not null,
  contact_address text not null,
  state text not null,
  attempt integer not null default 1,
  start_id uuid not null,
  started_at timestamp with time zone not null default clock_now(),
  finished_at timestamp with time zone,
  channel_message_id text,
  happened_at timestamp with time zone,
  delivered_at timestamp with time zone,
  read_at timestamp with time zone,
  code integer,
  detail json,
  constraint message_parts_pkey PRIMARY KEY (account_sid, message_id, part),
  constraint message_parts_state_check CHECK ((state = ANY (ARRAY['started'::text, 'waiting'::text, 'unknown'::text, 'sent'::text, 'failed'::text])))
) partition by RANGE (message_id);
create table message_parts_default partition of message_parts default with (fillfactor=50);
CREATE INDEX message_parts_unread ON ONLY public.message_parts USING btree (sender_id, contact_address) WHERE (read_at IS NULL);

create table messages (
  account_sid text not null,
  id uuid not null,
  direction text not null,
  channel text not null,
  sender_id uuid not null,
  sender_address text not null,
  contact_address text not null,
  body text not null,
  media json not null default '[]'::json,
  num_media integer not null default 0,
  status text not null,
  error_code integer,
  error_text text,
  provider_detail json,
  status_callback_url text,
  action_url text,
  action_method text,
  validity_seconds integer not null default 36000,
  tags json,
  content_retention text not null default 'retain'::text,
  address_retention text not null default 'retain'::text,
  event_id uuid,
  channel_message_id text,
  inbound json,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  sent_at timestamp with time zone,
  service_id uuid,
  send_at timestamp with time zone,
  feedback json,
  cause_id uuid,
  constraint messages_pkey PRIMARY KEY (account_sid, id),
  constraint messages_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound-api'::text, 'outbound-reply'::text])))
) partition by RANGE (id);
create table messages_default partition of messages default with (fillfactor=70);
CREATE INDEX messages_by_channel_id ON ONLY public.messages USING btree (sender_id, channel_message_id) WHERE (channel_message_id IS NOT NULL);
CREATE INDEX messages_of_contact ON ONLY public.messages USING btree (contact_address, id);
CREATE INDEX messages_of_sender ON ONLY public.messages USING btree (sender_id, id);
CREATE INDEX messages_scheduled ON ONLY public.messages USING btree (account_sid, id) WHERE (send_at IS NOT NULL);

create table messaging_services (
  account_sid text not null,
  id uuid not null,
  friendly_name text not null,
  inbound_url text,
  inbound_method text not null,
  fallback_url text,
  fallback_method text not null,
  status_callback_url text,
  sender_decides_inbound boolean not null,
  validity_seconds integer not null,
  switches json not null,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  constraint messaging_services_pkey PRIMARY KEY (account_sid, id),
  constraint messaging_services_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);

create table migrations (
  series text not null,
  version integer not null,
  name text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migrations_pkey PRIMARY KEY (series, version)
);

create table nodes (
  id uuid not null,
  started_at timestamp with time zone not null default clock_timestamp(),
  seen_at timestamp with time zone not null default clock_timestamp(),
  constraint nodes_pkey PRIMARY KEY (id)
);

create table opt_outs (
  account_sid text not null,
  id uuid not null,
  service_id uuid not null,
  friendly_name text,
  enabled boolean not null default true,
  keywords json not null,
  texts json not null,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  constraint opt_outs_pkey PRIMARY KEY (account_sid, id),
  constraint opt_outs_account_sid_service_id_key UNIQUE (account_sid, service_id),
  constraint opt_outs_account_sid_service_id_fkey FOREIGN KEY (account_sid, service_id) REFERENCES messaging_services(account_sid, id) ON DELETE CASCADE
);

create table provider_apps (
  account_sid text not null,
  app_id text not null,
  app_secret bytea not null,
  verify_token bytea not null,
  name text not null,
  login_config_id text,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  constraint provider_apps_pkey PRIMARY KEY (account_sid, app_id),
  constraint provider_apps_app_id_key UNIQUE (app_id),
  constraint provider_apps_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);

create table replay_batches (
  account_sid text not null,
  id uuid not null,
  kind text not null,
  filter json not null,
  options json not null,
  before_id uuid not null,
  cursor_id uuid not null,
  total integer not null,
  done integer not null default 0,
  skipped integer not null default 0,
  state text not null default 'running'::text,
  made_by text not null,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  constraint replay_batches_pkey PRIMARY KEY (account_sid, id),
  constraint replay_batches_kind_check CHECK ((kind = ANY (ARRAY['inbound'::text, 'status'::text, 'send'::text]))),
  constraint replay_batches_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'stopped'::text])))
);

create table replays (
  account_sid text not null,
  message_id uuid not null,
  id uuid not null,
  kind text not null,
  made_by text not null,
  made_id uuid,
  created_at timestamp with time zone not null default clock_now(),
  constraint replays_pkey PRIMARY KEY (account_sid, message_id, id),
  constraint replays_kind_check CHECK ((kind = ANY (ARRAY['inbound'::text, 'status'::text, 'send'::text])))
);

create table scheduled (
  account_sid text not null,
  message_id uuid not null,
  due_at timestamp with time zone not null,
  constraint scheduled_pkey PRIMARY KEY (account_sid, message_id)
);
CREATE INDEX scheduled_due ON public.scheduled USING btree (due_at, message_id);

create table sender_checks (
  account_sid text not null,
  sender_id uuid not null,
  due_at timestamp with time zone not null default clock_now(),
  checked_at timestamp with time zone,
  level text,
  findings json not null default '[]'::json,
  constraint sender_checks_pkey PRIMARY KEY (account_sid, sender_id),
  constraint sender_checks_level_check CHECK ((level = ANY (ARRAY['good'::text, 'info'::text, 'warning'::text, 'bad'::text]))),
  constraint sender_checks_account_sid_sender_id_fkey FOREIGN KEY (account_sid, sender_id) REFERENCES senders(account_sid, id) ON DELETE CASCADE
);
CREATE INDEX sender_checks_due ON public.sender_checks USING btree (due_at);

create table senders (
  account_sid text not null,
  id uuid not null,
  channel text not null,
  address text not null,
  name text not null,
  unique_name text,
  access_token bytea not null,
  provider_app_id text not null,
  outside_window text not null,
  status text not null,
  offline_code integer,
  offline_reason text,
  paused_until timestamp with time zone,
  callback_url text,
  callback_method text not null default 'POST'::text,
  fallback_url text,
  fallback_method text not null default 'POST'::text,
  status_callback_url text,
  status_callback_method text not null default 'POST'::text,
  opt_out json,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  deleted_at timestamp with time zone,
  service_id uuid,
  service_joined_at timestamp with time zone,
  tasks text[],
  constraint senders_pkey PRIMARY KEY (account_sid, id),
  constraint senders_account_sid_channel_address_key UNIQUE (account_sid, channel, address),
  constraint senders_account_sid_unique_name_key UNIQUE (account_sid, unique_name),
  constraint senders_outside_window_check CHECK ((outside_window = ANY (ARRAY['account_update'::text, 'human_agent'::text, 'refuse'::text]))),
  constraint senders_status_check CHECK ((status = ANY (ARRAY['CREATING'::text, 'ONLINE'::text, 'OFFLINE'::text]))),
  constraint senders_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid),
  constraint senders_account_sid_service_id_fkey FOREIGN KEY (account_sid, service_id) REFERENCES messaging_services(account_sid, id) ON DELETE SET NULL (service_id)
);
CREATE UNIQUE INDEX senders_live ON public.senders USING btree (channel, address) WHERE (deleted_at IS NULL);
CREATE INDEX senders_of_service ON public.senders USING btree (account_sid, service_id) WHERE (service_id IS NOT NULL);

create table sessions (
  id uuid not null,
  token_hash bytea not null,
  user_id uuid not null,
  pending boolean not null,
  user_agent text not null,
  address text not null,
  created_at timestamp with time zone not null default now(),
  seen_at timestamp with time zone not null default now(),
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_hash_key UNIQUE (token_hash),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX sessions_of_user ON public.sessions USING btree (user_id);

create table settings (
  name text not null,
  value bytea not null,
  constraint settings_pkey PRIMARY KEY (name)
);

create table sign_in_failures (
  key text not null,
  failed_at timestamp with time zone not null default now()
);
CREATE INDEX sign_in_failures_of ON public.sign_in_failures USING btree (key, failed_at);

create table sign_in_links (
  id uuid not null,
  token_hash bytea not null,
  purpose text not null,
  user_id uuid,
  account_sid text,
  email text,
  role text,
  made_by uuid,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint sign_in_links_pkey PRIMARY KEY (id),
  constraint sign_in_links_token_hash_key UNIQUE (token_hash),
  constraint sign_in_links_purpose_check CHECK ((purpose = ANY (ARRAY['setup'::text, 'join'::text, 'password'::text]))),
  constraint sign_in_links_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'developer'::text, 'support'::text, 'read-only'::text]))),
  constraint sign_in_links_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid),
  constraint sign_in_links_made_by_fkey FOREIGN KEY (made_by) REFERENCES users(id) ON DELETE SET NULL,
  constraint sign_in_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table unwanted_files (
  account_sid text not null,
  id uuid not null,
  constraint unwanted_files_pkey PRIMARY KEY (account_sid, id)
);

create table usage_days (
  account_sid text not null,
  day date not null,
  channel text not null,
  inbound bigint not null,
  inbound_with_media bigint not null,
  inbound_media bigint not null,
  outbound bigint not null,
  outbound_with_media bigint not null,
  outbound_media bigint not null,
  constraint usage_days_pkey PRIMARY KEY (account_sid, day, channel)
);

create table usage_increments (
  account_sid text not null,
  id bigint not null generated always as identity,
  day date not null,
  channel text not null,
  inbound bigint not null,
  inbound_with_media bigint not null,
  inbound_media bigint not null,
  outbound bigint not null,
  outbound_with_media bigint not null,
  outbound_media bigint not null,
  constraint usage_increments_pkey PRIMARY KEY (account_sid, id)
);

create table usage_triggers (
  account_sid text not null,
  id uuid not null,
  friendly_name text,
  usage_category text not null,
  trigger_by text not null,
  trigger_value numeric not null,
  recurring text not null,
  callback_url text not null,
  callback_method text not null,
  fired_at timestamp with time zone,
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  constraint usage_triggers_pkey PRIMARY KEY (account_sid, id),
  constraint usage_triggers_recurring_check CHECK ((recurring = ANY (ARRAY['daily'::text, 'monthly'::text, 'yearly'::text, 'alltime'::text]))),
  constraint usage_triggers_trigger_by_check CHECK ((trigger_by = ANY (ARRAY['count'::text, 'usage'::text, 'price'::text]))),
  constraint usage_triggers_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);

create table users (
  id uuid not null,
  email text not null,
  name text not null,
  password_hash text,
  totp_secret bytea,
  totp_step bigint not null default 0,
  recovery_codes text[] not null default '{}'::text[],
  created_at timestamp with time zone not null default clock_now(),
  updated_at timestamp with time zone not null default clock_now(),
  constraint users_pkey PRIMARY KEY (id),
  constraint users_email_key UNIQUE (email)
);

create schema sandbox;

CREATE OR REPLACE FUNCTION sandbox.advance_clock(by_ms bigint)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
declare
  total bigint;
begin
  if by_ms < 0 then
    raise exception 'the clock moves forward only';
  end if;
  update sandbox.dial set clock_offset_ms = clock_offset_ms + by_ms, version = version + 1
    returning clock_offset_ms into total;
  execute format('create or replace function clock_now() returns timestamptz language sql stable as %L',
    format('select now() + interval ''%s milliseconds''', total));
  return total;
end $function$;

create table sandbox.app_subscriptions (
  app_id text not null,
  object text not null,
  callback_url text not null,
  verify_token text not null,
  fields text[] not null,
  constraint app_subscriptions_pkey PRIMARY KEY (app_id, object),
  constraint app_subscriptions_object_check CHECK ((object = 'page'::text)),
  constraint app_subscriptions_app_id_fkey FOREIGN KEY (app_id) REFERENCES sandbox.apps(id)
);

create table sandbox.apps (
  id text not null,
  name text not null,
  secret text not null,
  require_proof boolean not null default false,
  created_at timestamp with time zone not null default now(),
  constraint apps_pkey PRIMARY KEY (id)
);

create table sandbox.dial (
  id boolean not null default true,
  version bigint not null default 0,
  clock_offset_ms bigint not null default 0,
  constraint dial_pkey PRIMARY KEY (id),
  constraint dial_clock_offset_ms_check CHECK ((clock_offset_ms >= 0)),
  constraint dial_id_check CHECK (id)
);

create table sandbox.faults (
  page_id text not null,
  name text not null,
  probability double precision not null,
  count_left bigint,
  seed bigint not null,
  amount bigint,
  hits bigint not null default 0,
  drawn jsonb not null default '{}'::jsonb,
  constraint faults_pkey PRIMARY KEY (page_id, name),
  constraint faults_probability_check CHECK (((probability >= (0)::double precision) AND (probability <= (1)::double precision)))
);

create table sandbox.files (
  id text not null,
  name text not null,
  content_type text not null,
  bytes bytea not null,
  attachment_id text,
  page_id text,
  created_at timestamp with time zone not null default now(),
  constraint files_pkey PRIMARY KEY (id),
  constraint files_attachment_id_key UNIQUE (attachment_id),
  constraint files_page_id_fkey FOREIGN KEY (page_id) REFERENCES sandbox.pages(id)
);

create table sandbox.grants (
  app_id text not null,
  person_id text not null,
  scopes text[] not null,
  declined text[] not null,
  constraint grants_pkey PRIMARY KEY (app_id, person_id),
  constraint grants_app_id_fkey FOREIGN KEY (app_id) REFERENCES sandbox.apps(id),
  constraint grants_person_id_fkey FOREIGN KEY (person_id) REFERENCES sandbox.people(id)
);

create table sandbox.lanes (
  app_id text not null,
  psid text not null,
  pending integer not null default 0,
  due_at timestamp with time zone not null,
  attempts integer not null default 0,
  lease text,
  leased_until timestamp with time zone,
  track bigint not null default 0,
  constraint lanes_pkey PRIMARY KEY (app_id, psid, track),
  constraint lanes_app_id_fkey FOREIGN KEY (app_id) REFERENCES sandbox.apps(id),
  constraint lanes_psid_fkey FOREIGN KEY (psid) REFERENCES sandbox.threads(psid)
);
CREATE INDEX lanes_due_at_idx ON sandbox.lanes USING btree (due_at) WHERE (pending > 0);

create table sandbox.login_codes (
  code text not null,
  app_id text not null,
  person_id text not null,
  redirect_uri text not null,
  issued_at timestamp with time zone not null,
  used boolean not null default false,
  constraint login_codes_pkey PRIMARY KEY (code),
  constraint login_codes_app_id_person_id_fkey FOREIGN KEY (app_id, person_id) REFERENCES sandbox.grants(app_id, person_id)
);

create table sandbox.messages (
  mid text not null,
  position bigint not null generated always as identity,
  psid text not null,
  from_page boolean not null,
  text text,
  attachments jsonb not null,
  quick_replies jsonb not null,
  reply_to text,
  sent_at timestamp with time zone not null,
  delivered_at timestamp with time zone,
  read_at timestamp with time zone,
  webhook text,
  taken_back boolean not null default false,
  metadata text,
  number bigint,
  constraint messages_pkey PRIMARY KEY (mid),
  constraint messages_webhook_check CHECK ((webhook = ANY (ARRAY['pending'::text, 'accepted'::text, 'failed'::text]))),
  constraint messages_psid_fkey FOREIGN KEY (psid) REFERENCES sandbox.threads(psid)
);
CREATE INDEX messages_psid_idx ON sandbox.messages USING btree (psid) WHERE (from_page AND (read_at IS NULL));
CREATE INDEX messages_psid_metadata_idx ON sandbox.messages USING btree (psid, metadata) WHERE (metadata IS NOT NULL);
CREATE INDEX messages_psid_position_idx ON sandbox.messages USING btree (psid, "position");

create table sandbox.outbox (
  id bigint not null generated always as identity,
  app_id text not null,
  psid text not null,
  mid text,
  body text not null,
  created_at timestamp with time zone not null default now(),
  track bigint not null default 0,
  batch_size integer,
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_app_id_psid_track_fkey FOREIGN KEY (app_id, psid, track) REFERENCES sandbox.lanes(app_id, psid, track)
);
CREATE INDEX outbox_app_id_psid_track_id_idx ON sandbox.outbox USING btree (app_id, psid, track, id);

create table sandbox.page_grants (
  app_id text not null,
  person_id text not null,
  page_id text not null,
  tasks text[] not null,
  constraint page_grants_pkey PRIMARY KEY (app_id, person_id, page_id),
  constraint page_grants_app_id_person_id_fkey FOREIGN KEY (app_id, person_id) REFERENCES sandbox.grants(app_id, person_id),
  constraint page_grants_page_id_fkey FOREIGN KEY (page_id) REFERENCES sandbox.pages(id)
);

create table sandbox.page_properties (
  page_id text not null,
  name text not null,
  value jsonb not null,
  constraint page_properties_pkey PRIMARY KEY (page_id, name),
  constraint page_properties_page_id_fkey FOREIGN KEY (page_id) REFERENCES sandbox.pages(id)
);

create table sandbox.page_subscriptions (
  page_id text not null,
  app_id text not null,
  fields text[] not null,
  constraint page_subscriptions_pkey PRIMARY KEY (page_id, app_id),
  constraint page_subscriptions_app_id_fkey FOREIGN KEY (app_id) REFERENCES sandbox.apps(id),
  constraint page_subscriptions_page_id_fkey FOREIGN KEY (page_id) REFERENCES sandbox.pages(id)
);

create table sandbox.page_tokens (
  token text not null,
  page_id text not null,
  app_id text not null,
  issued_at timestamp with time zone not null default now(),
  person_id text,
  scopes text[],
  constraint page_tokens_pkey PRIMARY KEY (token),
  constraint page_tokens_page_id_app_id_key UNIQUE (page_id, app_id),
  constraint page_tokens_app_id_fkey FOREIGN KEY (app_id) REFERENCES sandbox.apps(id),
  constraint page_tokens_page_id_fkey FOREIGN KEY (page_id) REFERENCES sandbox.pages(id),
  constraint page_tokens_person_id_fkey FOREIGN KEY (person_id) REFERENCES sandbox.people(id)
);

create table sandbox.pages (
  id text not null,
  name text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  number integer not null generated always as identity,
  token_state text not null default 'valid'::text,
  business text,
  constraint pages_pkey PRIMARY KEY (id)
);

create table sandbox.people (
  id text not null,
  name text not null,
  picture_url text,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint people_pkey PRIMARY KEY (id)
);

create unlogged table sandbox.send_rates (
  page_id text not null,
  kind text not null,
  second bigint not null,
  calls integer not null,
  constraint send_rates_pkey PRIMARY KEY (page_id, kind)
);

create table sandbox.threads (
  psid text not null,
  page_id text not null,
  person_id text not null,
  last_action_at timestamp with time zone,
  typing_until timestamp with time zone,
  blocked boolean not null default false,
  pending_ref text,
  created_at timestamp with time zone not null default now(),
  sent_count bigint not null default 0,
  constraint threads_pkey PRIMARY KEY (psid),
  constraint threads_page_id_person_id_key UNIQUE (page_id, person_id),
  constraint threads_page_id_fkey FOREIGN KEY (page_id) REFERENCES sandbox.pages(id),
  constraint threads_person_id_fkey FOREIGN KEY (person_id) REFERENCES sandbox.people(id)
);
CREATE INDEX threads_person_id_idx ON sandbox.threads USING btree (person_id);

create table sandbox.user_tokens (
  token text not null,
  app_id text not null,
  person_id text not null,
  issued_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint user_tokens_pkey PRIMARY KEY (token),
  constraint user_tokens_app_id_person_id_fkey FOREIGN KEY (app_id, person_id) REFERENCES sandbox.grants(app_id, person_id)
);
