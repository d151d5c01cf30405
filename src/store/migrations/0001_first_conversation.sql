-- Every table leads with account_sid where it has one: the distribution column, should one primary be outgrown.
-- Ids are time-ordered (UUID version 7), so that primary keys grow at their right end.
-- The large tables are partitioned by them. The partition of a time is made and dropped by store/partitions.ts, with the
-- storage options of the default one, where goes what fits into no other: it should be empty.

-- The clock of everything that is stored or due. A function, so that one place decides what time it is.
create function clock_now() returns timestamptz language sql stable as 'select now()';

create table settings (
  name text primary key,
  value bytea not null
);

create table accounts (
  sid text primary key,
  parent_sid text references accounts,
  friendly_name text not null,
  status text not null default 'active' check (status in ('active', 'suspended', 'closed')),
  auth_token bytea not null, -- sealed
  secondary_auth_token bytea, -- sealed
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);

create table senders (
  account_sid text not null references accounts,
  id uuid not null,
  channel text not null,
  address text not null,
  name text not null,
  unique_name text,
  access_token bytea not null, -- sealed
  provider_app_id text not null,
  outside_window text not null check (outside_window in ('account_update', 'human_agent', 'refuse')),
  status text not null check (status in ('CREATING', 'ONLINE', 'OFFLINE')),
  offline_code integer,
  offline_reason text,
  paused_until timestamptz, -- the provider asked for silence
  callback_url text,
  callback_method text not null default 'POST',
  fallback_url text,
  fallback_method text not null default 'POST',
  status_callback_url text,
  status_callback_method text not null default 'POST',
  opt_out json, -- null: the defaults
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  deleted_at timestamptz,
  primary key (account_sid, id),
  unique (account_sid, channel, address),
  unique (account_sid, unique_name)
);
-- A Page belongs to one account at a time.
create unique index senders_live on senders (channel, address) where deleted_at is null;

-- A person as one sender knows them, and the conversation with them. The row's lock is the conversation's lock.
create table contacts (
  account_sid text not null,
  sender_id uuid not null,
  address text not null,
  name text,
  name_checked_at timestamptz,
  last_action_at timestamptz, -- by the provider's clock: the 24-hour window counts from here
  opted_out_at timestamptz,
  unreachable_at timestamptz,
  delivered_until timestamptz, -- watermarks of receipts, by the provider's clock
  read_until timestamptz,
  early_receipts text[] not null default '{}', -- delivered before we knew the provider's id; newest 50
  cookies text,
  cookies_at timestamptz,
  created_at timestamptz not null default clock_now(),
  primary key (account_sid, sender_id, address)
) with (fillfactor = 80);

-- What came in, as it came.
create table events (
  account_sid text, -- null: no account holds this sender
  id uuid primary key,
  channel text not null,
  sender_address text not null,
  contact_address text,
  dedupe_key text not null,
  kind text not null,
  note text, -- why it was not acted on
  happened_at timestamptz not null,
  received_at timestamptz not null default clock_now(),
  raw json not null
) partition by range (id);
create table events_default partition of events default;

-- What makes every event happen once: a key of its own table, as one of a partitioned table would hold per partition.
-- Gone when nobody repeats the event any more, by the real clock: who repeats it does not know of a moved one.
create table event_keys (
  digest uuid primary key, -- of channel, sender_address and dedupe_key: 128 bits of SHA-256
  kept_at timestamptz not null default now()
);
create index event_keys_by_age on event_keys (kept_at);

create table messages (
  account_sid text not null,
  id uuid not null,
  direction text not null check (direction in ('inbound', 'outbound-api', 'outbound-reply')),
  channel text not null,
  sender_id uuid not null,
  sender_address text not null,
  contact_address text not null,
  body text not null,
  media json not null default '[]', -- [{"url", "contentType"}]
  num_media integer not null default 0,
  status text not null,
  error_code integer,
  error_text text,
  provider_detail json,
  status_callback_url text,
  action_url text, -- TwiML's <Message action>: hears of the same changes
  action_method text,
  validity_seconds integer not null default 36000,
  tags json,
  content_retention text not null default 'retain',
  address_retention text not null default 'retain',
  event_id uuid, -- inbound: the event that it came with
  channel_message_id text, -- inbound: the provider's id
  inbound json, -- inbound: button, referral, location, what it answers, opt-out keyword
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  sent_at timestamptz,
  primary key (account_sid, id)
) partition by range (id);
create table messages_default partition of messages default with (fillfactor = 70);
-- Without the account, so that no plan may take them for the primary key's (account_sid, id): PostgreSQL 18 skips over
-- columns in between, and a plan made for an empty table would do so for good.
create index messages_of_contact on messages (contact_address, id);
create index messages_of_sender on messages (sender_id, id);
create index messages_by_channel_id on messages (sender_id, channel_message_id) where channel_message_id is not null;

-- One provider call each. Written before the call, so that a lost answer is known to be one.
create table message_parts (
  account_sid text not null,
  message_id uuid not null,
  part integer not null,
  sender_id uuid not null,
  contact_address text not null,
  state text not null check (state in ('started', 'waiting', 'unknown', 'sent', 'failed')),
  attempt integer not null default 1,
  start_id uuid not null, -- of the newest try
  started_at timestamptz not null default clock_now(),
  finished_at timestamptz,
  channel_message_id text,
  happened_at timestamptz, -- by the provider's clock, learned from the echo
  delivered_at timestamptz,
  read_at timestamptz,
  code integer,
  detail json,
  primary key (account_sid, message_id, part)
) partition by range (message_id);
create table message_parts_default partition of message_parts default with (fillfactor = 85);
-- A part comes into it when it is begun and leaves it when it is read; what happens in between touches no index.
create index message_parts_unread on message_parts (sender_id, contact_address) where read_at is null;

-- Calls to the customer's server, in full.
create table exchanges (
  account_sid text not null,
  id uuid not null,
  message_id uuid not null,
  purpose text not null check (purpose in ('callback', 'fallback', 'redirect', 'status')),
  url text not null,
  method text not null,
  request_headers json not null,
  request_params json not null,
  status integer,
  response_headers json not null,
  response_body text not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  error_code integer,
  error_text text,
  primary key (account_sid, message_id, id)
) partition by range (message_id);
create table exchanges_default partition of exchanges default;

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
  created_at timestamptz not null default clock_now(),
  primary key (account_sid, id)
) partition by range (id);
create table alerts_default partition of alerts default;
create index alerts_of_resource on alerts (account_sid, resource_sid);

-- TwiML documents that we serve ourselves.
create table bins (
  name text primary key,
  account_sid text not null references accounts,
  twiml text not null,
  updated_at timestamptz not null default clock_now()
);

create table idempotency_keys (
  account_sid text not null,
  key text not null,
  request_hash text not null,
  message_id uuid not null,
  created_at timestamptz not null default clock_now(),
  primary key (account_sid, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- The queue. A lane holds the jobs of one conversation; only its first job runs, by the node that holds the lane.
create table nodes (
  id uuid primary key,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);

create table lanes (
  lane text primary key,
  kind text not null,
  group_key text not null, -- whose work it is: the sender
  urgent boolean not null default false, -- somebody waits for it now
  due_at timestamptz not null default clock_now(),
  version bigint not null default 0, -- grows with every job that is added
  node_id uuid -- who works on it
) with (fillfactor = 80);
create index lanes_due on lanes (kind, group_key, urgent desc, due_at) where node_id is null;

create table jobs (
  lane text collate "C" not null, -- so that all lanes with the same beginning are one range of the primary key
  id bigint generated always as identity,
  data json not null,
  attempt integer not null default 0,
  created_at timestamptz not null default clock_now(),
  primary key (lane, id)
);
