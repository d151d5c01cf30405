-- People who use the console. They belong to the installation; a membership gives one a role in an account.
create table users (
  id uuid primary key,
  email text not null unique, -- lower case
  name text not null,
  password_hash text, -- null: has not chosen one yet
  totp_secret bytea, -- sealed; null: no second factor
  totp_step bigint not null default 0, -- the newest time step that was used: a code counts once
  recovery_codes text[] not null default '{}', -- hashed; each counts once
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now()
);

create table memberships (
  account_sid text not null references accounts,
  user_id uuid not null references users on delete cascade,
  role text not null check (role in ('owner', 'admin', 'developer', 'support', 'read-only')),
  created_at timestamptz not null default clock_now(),
  primary key (account_sid, user_id)
);
create index memberships_of_user on memberships (user_id);

-- Real time, not the built-in Messenger's: moving its clock must sign nobody out.
create table sessions (
  id uuid primary key,
  token_hash bytea not null unique,
  user_id uuid not null references users on delete cascade,
  -- The password was right, the second factor is still asked for.
  pending boolean not null,
  user_agent text not null,
  address text not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
create index sessions_of_user on sessions (user_id);

-- One-time links: to set the first password, to join an account, to set a forgotten password.
create table sign_in_links (
  id uuid primary key,
  token_hash bytea not null unique,
  purpose text not null check (purpose in ('setup', 'join', 'password')),
  user_id uuid references users on delete cascade, -- setup, password
  account_sid text references accounts, -- join
  email text, -- join
  role text check (role in ('owner', 'admin', 'developer', 'support', 'read-only')), -- join
  made_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Failed sign-ins of the last minutes, by e-mail and by address.
create table sign_in_failures (
  key text not null,
  failed_at timestamptz not null default now()
);
create index sign_in_failures_of on sign_in_failures (key, failed_at);

-- Every change that a person or a key made, before and after, without secrets.
create table audit_entries (
  account_sid text not null,
  id uuid not null,
  actor_type text not null check (actor_type in ('user', 'account', 'key', 'system')),
  actor text not null, -- the user's id, the account's or key's SID
  actor_name text not null,
  address text,
  source text not null check (source in ('console', 'api', 'system')),
  event_type text not null, -- sender.updated
  resource_type text not null,
  resource_sid text not null,
  before json,
  after json,
  created_at timestamptz not null default clock_now(),
  primary key (account_sid, id)
);
create index audit_entries_of_resource on audit_entries (account_sid, resource_sid, id);
