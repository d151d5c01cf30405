alter table accounts
  add column secondary_created_at timestamptz,
  -- Sealed: the token that the environment gave last, so that one that was rotated away does not come back at a restart.
  add column settled_token bytea;
create index accounts_of_parent on accounts (parent_sid) where parent_sid is not null;

create table api_keys (
  account_sid text not null references accounts,
  id uuid not null,
  kind text not null check (kind in ('main', 'standard')),
  friendly_name text not null,
  secret_digest bytea not null, -- SHA-256 of 128 random bits: nobody can try them all, so nothing slower is needed
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  primary key (account_sid, id),
  unique (id)
);

-- Twilio's TwiML applications: URLs under one SID. Only the message status callbacks are called.
create table applications (
  account_sid text not null references accounts,
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
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  primary key (account_sid, id)
);

-- What each account did on a day (UTC) and a channel: messages, those of them with media, and their media. Counted when a message is
-- made, in its transaction, so that what is deleted later stays counted.
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
  primary key (account_sid, day, channel)
);

-- The same, one row per set of messages that was written together: many may be written at once, and none waits for
-- another. They are added to usage_days within a minute or so.
create table usage_increments (
  account_sid text not null,
  id bigint generated always as identity,
  day date not null,
  channel text not null,
  inbound bigint not null,
  inbound_with_media bigint not null,
  inbound_media bigint not null,
  outbound bigint not null,
  outbound_with_media bigint not null,
  outbound_media bigint not null,
  primary key (account_sid, id)
);

create table usage_triggers (
  account_sid text not null references accounts,
  id uuid not null,
  friendly_name text,
  usage_category text not null,
  trigger_by text not null check (trigger_by in ('count', 'usage', 'price')),
  trigger_value numeric not null,
  recurring text not null check (recurring in ('daily', 'monthly', 'yearly', 'alltime')),
  callback_url text not null,
  callback_method text not null,
  fired_at timestamptz,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  primary key (account_sid, id)
);
