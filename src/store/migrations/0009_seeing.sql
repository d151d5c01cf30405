-- What a message was made from: a reply from what it answers, a repeated send from the one that failed.
alter table messages add column cause_id uuid;

-- What was done again on purpose. One request (id) repeats a message once, however often it is sent.
create table replays (
  account_sid text not null,
  message_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('inbound', 'status', 'send')),
  made_by text not null, -- the person's name
  made_id uuid, -- send: the message that it became
  created_at timestamptz not null default clock_now(),
  primary key (account_sid, message_id, id)
);

-- All messages of a filter, done again one set after the other.
create table replay_batches (
  account_sid text not null,
  id uuid not null,
  kind text not null check (kind in ('inbound', 'status', 'send')),
  filter json not null,
  options json not null,
  before_id uuid not null, -- what came later is not part of it
  cursor_id uuid not null, -- everything up to here is done; oldest first
  total integer not null,
  done integer not null default 0,
  skipped integer not null default 0,
  state text not null default 'running' check (state in ('running', 'done', 'stopped')),
  made_by text not null,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  primary key (account_sid, id)
);

-- Begins with the code, so that no plan may take it for the primary key's (account_sid, id).
create index alerts_by_code on alerts (code, account_sid, id);

-- How messages went, by the minute and the hour that they were made in (by their ids, so by the real clock). A minute is
-- counted when it is over and again later, as messages are delivered and read over time.
create table activity (
  account_sid text not null,
  step text not null check (step in ('minute', 'hour')),
  at timestamptz not null,
  sender_id uuid not null,
  inbound integer not null,
  outbound integer not null,
  delivered integer not null, -- those that were read too
  read integer not null,
  failed integer not null, -- and undelivered
  primary key (account_sid, step, at, sender_id)
);

-- How long callback URLs took to answer: bucket n counts 2^(n/2) to 2^((n+1)/2) milliseconds.
create table callback_times (
  account_sid text not null,
  step text not null check (step in ('minute', 'hour')),
  at timestamptz not null,
  sender_id uuid not null,
  bucket integer not null,
  calls integer not null,
  failed integer not null,
  primary key (account_sid, step, at, sender_id, bucket)
);

create table alert_counts (
  account_sid text not null,
  step text not null check (step in ('minute', 'hour')),
  at timestamptz not null,
  code integer not null,
  level text not null,
  alerts integer not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (account_sid, step, at, code, level)
);

-- Up to when minutes have been counted.
create table counted_until (
  id boolean primary key default true check (id),
  at timestamptz not null
);
