-- The bytes of media, in the media store under their id. Written down before they are written there, so that what a crash
-- leaves behind is found. Several media may share a file: a picture that was sent to many is kept once.
create table media_files (
  account_sid text not null,
  id uuid not null,
  bytes bigint not null,
  sha256 text not null,
  created_at timestamptz not null default clock_now(),
  check_at timestamptz, -- when to look whether any media still needs it; null: when one of them goes
  primary key (account_sid, id)
);
create index media_files_to_check on media_files (check_at) where check_at is not null;

-- Files that no media needs, to be removed from the media store.
create table unwanted_files (
  account_sid text not null,
  id uuid not null,
  primary key (account_sid, id)
);

-- What a message carries, in its order. Where it comes from, the message says.
create table media (
  account_sid text not null,
  id uuid not null,
  message_id uuid not null,
  nth integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'stored', 'failed')),
  content_type text,
  file_name text,
  file_id uuid,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  primary key (account_sid, id),
  unique (account_sid, message_id, nth),
  foreign key (account_sid, file_id) references media_files
);
create index media_of_file on media (account_sid, file_id) where file_id is not null;
create index media_by_age on media (created_at);

-- Who may load media by their URL: everybody who knows it, callers with the account's credentials, or these and whoever
-- holds a signed URL, as callbacks then carry.
alter table accounts add column media_access text not null default 'public'
  check (media_access in ('public', 'auth', 'signed'));
