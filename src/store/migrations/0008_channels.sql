-- The channels that an account has taken from the catalogue.
create table installed_channels (
  account_sid text not null references accounts,
  channel text not null,
  installed_at timestamptz not null default clock_now(),
  primary key (account_sid, channel)
);

-- Apps at the provider that accounts bring along, beside the installation's own. Subaccounts may use their parent's.
create table provider_apps (
  account_sid text not null references accounts,
  app_id text not null unique,
  app_secret bytea not null, -- sealed
  verify_token bytea not null, -- sealed
  name text not null, -- as the provider has it
  login_config_id text, -- Facebook Login for Business
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  primary key (account_sid, app_id)
);

-- What the person who connected the sender may do with it, as the provider's login told; null: nobody told.
alter table senders add column tasks text[];

-- Logins at the provider, begun in the console. In real time, as sessions are.
create table channel_logins (
  id uuid primary key,
  session_id uuid not null references sessions on delete cascade,
  account_sid text not null references accounts,
  channel text not null,
  provider_app_id text not null,
  sender_id uuid, -- which sender is to be connected again; null: a new one
  state_hash bytea not null unique,
  started_at timestamptz not null default now(),
  returned_at timestamptz, -- a state counts once
  problem text,
  user_name text,
  missing text[] not null default '{}' -- permissions that the person did not give
);
create index channel_logins_of_session on channel_logins (session_id, account_sid, channel, returned_at);

-- What such a login found. Gone with it.
create table found_senders (
  login_id uuid not null references channel_logins on delete cascade,
  address text not null,
  name text not null,
  access_token bytea not null, -- sealed
  tasks text[],
  obstacle text, -- why it cannot be connected
  primary key (login_id, address)
);

-- How a sender was when it was last looked at, and when it is looked at again.
create table sender_checks (
  account_sid text not null,
  sender_id uuid not null,
  due_at timestamptz not null default clock_now(),
  checked_at timestamptz,
  level text check (level in ('good', 'info', 'warning', 'bad')),
  findings json not null default '[]', -- [{"check", "level", "text", "advice"}]
  primary key (account_sid, sender_id),
  foreign key (account_sid, sender_id) references senders on delete cascade
);
create index sender_checks_due on sender_checks (due_at);
insert into sender_checks (account_sid, sender_id, due_at)
  select account_sid, id, clock_now() + random() * interval '6 hours' from senders where deleted_at is null;

-- Every text that a bin has had; the newest one is the bin's own.
alter table bins add column version integer not null default 1;
create index bins_of_account on bins (account_sid, name);
create table bin_versions (
  name text not null references bins on delete cascade,
  version integer not null,
  twiml text not null,
  saved_by text, -- null: Pagewire itself
  saved_at timestamptz not null default clock_now(),
  primary key (name, version)
);
insert into bin_versions (name, version, twiml, saved_at) select name, version, twiml, updated_at from bins;
