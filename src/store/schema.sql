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
  constraint accounts_pkey PRIMARY KEY (sid),
  constraint accounts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'closed'::text]))),
  constraint accounts_parent_sid_fkey FOREIGN KEY (parent_sid) REFERENCES accounts(sid)
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
  constraint alerts_pkey PRIMARY KEY (account_sid, id)
);
CREATE INDEX alerts_of_resource ON public.alerts USING btree (account_sid, resource_sid);

create table bins (
  name text not null,
  account_sid text not null,
  twiml text not null,
  updated_at timestamp with time zone not null default clock_now(),
  constraint bins_pkey PRIMARY KEY (name),
  constraint bins_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);

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
  constraint events_pkey PRIMARY KEY (id),
  constraint events_channel_sender_address_dedupe_key_key UNIQUE (channel, sender_address, dedupe_key)
);

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
  constraint exchanges_pkey PRIMARY KEY (account_sid, id),
  constraint exchanges_purpose_check CHECK ((purpose = ANY (ARRAY['callback'::text, 'fallback'::text, 'redirect'::text, 'status'::text])))
);
CREATE INDEX exchanges_of_message ON public.exchanges USING btree (account_sid, message_id);

create table idempotency_keys (
  account_sid text not null,
  key text not null,
  request_hash text not null,
  message_id uuid not null,
  created_at timestamp with time zone not null default clock_now(),
  constraint idempotency_keys_pkey PRIMARY KEY (account_sid, key)
);

create table jobs (
  lane text not null,
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

create table message_parts (
  account_sid text not null,
  message_id uuid not null,
  part integer not null,
  sender_id uuid not null,
  contact_address text not null,
  state text not null,
  attempt integer not null default 1,
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
) with (fillfactor=85);
CREATE INDEX message_parts_by_channel_id ON public.message_parts USING btree (sender_id, channel_message_id) WHERE (channel_message_id IS NOT NULL);
CREATE INDEX message_parts_unread ON public.message_parts USING btree (sender_id, contact_address) WHERE ((state = 'sent'::text) AND (read_at IS NULL));

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
  constraint messages_pkey PRIMARY KEY (account_sid, id),
  constraint messages_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound-api'::text, 'outbound-reply'::text])))
) with (fillfactor=85);
CREATE INDEX messages_by_channel_id ON public.messages USING btree (sender_id, channel_message_id) WHERE (channel_message_id IS NOT NULL);
CREATE INDEX messages_of_contact ON public.messages USING btree (account_sid, contact_address, id);
CREATE INDEX messages_of_sender ON public.messages USING btree (account_sid, sender_id, id);

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
  constraint senders_pkey PRIMARY KEY (account_sid, id),
  constraint senders_account_sid_channel_address_key UNIQUE (account_sid, channel, address),
  constraint senders_account_sid_unique_name_key UNIQUE (account_sid, unique_name),
  constraint senders_outside_window_check CHECK ((outside_window = ANY (ARRAY['account_update'::text, 'human_agent'::text, 'refuse'::text]))),
  constraint senders_status_check CHECK ((status = ANY (ARRAY['CREATING'::text, 'ONLINE'::text, 'OFFLINE'::text]))),
  constraint senders_account_sid_fkey FOREIGN KEY (account_sid) REFERENCES accounts(sid)
);
CREATE UNIQUE INDEX senders_live ON public.senders USING btree (channel, address) WHERE (deleted_at IS NULL);

create table settings (
  name text not null,
  value bytea not null,
  constraint settings_pkey PRIMARY KEY (name)
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
  constraint page_tokens_pkey PRIMARY KEY (token),
  constraint page_tokens_page_id_app_id_key UNIQUE (page_id, app_id),
  constraint page_tokens_app_id_fkey FOREIGN KEY (app_id) REFERENCES sandbox.apps(id),
  constraint page_tokens_page_id_fkey FOREIGN KEY (page_id) REFERENCES sandbox.pages(id)
);

create table sandbox.pages (
  id text not null,
  name text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  number integer not null generated always as identity,
  token_state text not null default 'valid'::text,
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
