alter table sandbox.pages add column business text; -- the business portfolio that owns it

-- Who gave the token, and what it allows; null: nobody logged in for it, and everything.
alter table sandbox.page_tokens
  add column person_id text references sandbox.people,
  add column scopes text[];

-- What a person allows an app, in Facebook's login dialog. The newest answer counts.
create table sandbox.grants (
  app_id text not null references sandbox.apps,
  person_id text not null references sandbox.people,
  scopes text[] not null,
  declined text[] not null,
  primary key (app_id, person_id)
);

-- For which Pages, and what the person may do there.
create table sandbox.page_grants (
  app_id text not null,
  person_id text not null,
  page_id text not null references sandbox.pages,
  tasks text[] not null,
  primary key (app_id, person_id, page_id),
  foreign key (app_id, person_id) references sandbox.grants
);

create table sandbox.login_codes (
  code text primary key,
  app_id text not null,
  person_id text not null,
  redirect_uri text not null,
  issued_at timestamptz not null,
  used boolean not null default false,
  foreign key (app_id, person_id) references sandbox.grants
);

create table sandbox.user_tokens (
  token text primary key,
  app_id text not null,
  person_id text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (app_id, person_id) references sandbox.grants
);
