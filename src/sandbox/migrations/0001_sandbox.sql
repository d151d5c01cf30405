create schema sandbox;

create table sandbox.apps (
  id text primary key,
  name text not null,
  secret text not null,
  -- Whether every call of this app must carry an appsecret_proof.
  require_proof boolean not null default false,
  created_at timestamptz not null default now()
);

create table sandbox.app_subscriptions (
  app_id text not null references sandbox.apps,
  object text not null check (object = 'page'),
  callback_url text not null,
  verify_token text not null,
  fields text[] not null,
  primary key (app_id, object)
);

create table sandbox.pages (
  id text primary key,
  name text not null,
  created_at timestamptz not null default clock_timestamp()
);

create table sandbox.page_tokens (
  token text primary key,
  page_id text not null references sandbox.pages,
  app_id text not null references sandbox.apps,
  issued_at timestamptz not null default now(),
  unique (page_id, app_id)
);

create table sandbox.page_subscriptions (
  page_id text not null references sandbox.pages,
  app_id text not null references sandbox.apps,
  fields text[] not null,
  primary key (page_id, app_id)
);

-- The Messenger profile: get_started, greeting, ice_breakers, persistent_menu.
create table sandbox.page_properties (
  page_id text not null references sandbox.pages,
  name text not null,
  value jsonb not null,
  primary key (page_id, name)
);

create table sandbox.people (
  id text primary key,
  name text not null,
  picture_url text,
  created_at timestamptz not null default clock_timestamp()
);

-- One person as known to one Page.
create table sandbox.threads (
  psid text primary key,
  page_id text not null references sandbox.pages,
  person_id text not null references sandbox.people,
  -- What opens the 24 hours; null: the person has never acted.
  last_action_at timestamptz,
  typing_until timestamptz,
  blocked boolean not null default false,
  -- The ref of the link that a new thread was opened with, until the Page is told.
  pending_ref text,
  created_at timestamptz not null default now(),
  unique (page_id, person_id)
);
create index on sandbox.threads (person_id);

create table sandbox.messages (
  mid text primary key,
  position bigint generated always as identity,
  psid text not null references sandbox.threads,
  from_page boolean not null,
  text text,
  -- Urls that start with `file:` name a row of sandbox.files.
  attachments jsonb not null,
  quick_replies jsonb not null,
  reply_to text,
  sent_at timestamptz not null,
  delivered_at timestamptz,
  read_at timestamptz,
  webhook text check (webhook in ('pending', 'accepted', 'failed')),
  taken_back boolean not null default false
);
create index on sandbox.messages (psid, position);
create index on sandbox.messages (psid) where from_page and read_at is null;

create table sandbox.files (
  id text primary key,
  name text not null,
  content_type text not null,
  bytes bytea not null,
  -- Set when a Page uploaded it to use it again.
  attachment_id text unique,
  page_id text references sandbox.pages,
  created_at timestamptz not null default now()
);

-- The queue of one app about one thread. `pending` counts its outbox rows, so that one row lock tells whether there is work.
create table sandbox.lanes (
  app_id text not null references sandbox.apps,
  psid text not null references sandbox.threads,
  pending integer not null default 0,
  due_at timestamptz not null,
  -- Failed tries of the first outbox row.
  attempts integer not null default 0,
  lease text,
  leased_until timestamptz,
  primary key (app_id, psid)
);
create index on sandbox.lanes (due_at) where pending > 0;

create table sandbox.outbox (
  id bigint generated always as identity primary key,
  app_id text not null,
  psid text not null,
  -- The person's message whose `webhook` state this delivery decides.
  mid text,
  -- Escaped as Meta does: pure ASCII, so the text is the bytes.
  body text not null,
  created_at timestamptz not null default now(),
  foreign key (app_id, psid) references sandbox.lanes
);
create index on sandbox.outbox (app_id, psid, id);
