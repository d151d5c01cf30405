-- One row: how far the clock of gateway and built-in Messenger is ahead of the real one, and a number that grows with
-- every change of the dial, so that each node knows when what it remembers is old.
create table sandbox.dial (
  id boolean primary key default true check (id),
  version bigint not null default 0,
  clock_offset_ms bigint not null default 0 check (clock_offset_ms >= 0)
);
insert into sandbox.dial default values;

-- The offset is written into clock_now() itself: a constant that the planner puts in place of every call, so that a moved
-- clock costs what now() costs. A subquery in its place could not be inlined (measured: 3.5 µs a call instead of 0.02).
-- Replacing the function makes every session plan anew, also what it has prepared.
create function sandbox.advance_clock(by_ms bigint) returns bigint language plpgsql as $$
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
end $$;

create table sandbox.faults (
  page_id text not null, -- 'all': every Page
  name text not null,
  probability double precision not null check (probability between 0 and 1),
  count_left bigint, -- null: until it is taken away
  seed bigint not null,
  amount bigint, -- milliseconds, copies, percent: whatever this fault is measured in
  hits bigint not null default 0,
  drawn jsonb not null default '{}', -- how often the dice fell so far, by Page
  primary key (page_id, name)
);

-- What each Page sent in the newest second, for the limits. May be lost with a crash.
create unlogged table sandbox.send_rates (
  page_id text not null,
  kind text not null,
  second bigint not null,
  calls integer not null,
  primary key (page_id, kind)
);

alter table sandbox.pages
  -- In the order of making: unlike the random id the same in every new database, so that a run can be repeated.
  add column number integer generated always as identity,
  add column token_state text not null default 'valid';

alter table sandbox.threads add column sent_count bigint not null default 0;

alter table sandbox.messages
  add column metadata text,
  -- Of the Page's messages: the how many-th of its thread.
  add column number bigint;
create index on sandbox.messages (psid, metadata) where metadata is not null;

-- A webhook that is late, doubled or overtaken has a track of its own beside the thread's (0), and waits for nobody.
alter table sandbox.outbox drop constraint outbox_app_id_psid_fkey;
alter table sandbox.lanes drop constraint lanes_pkey;
alter table sandbox.lanes add column track bigint not null default 0;
alter table sandbox.lanes add primary key (app_id, psid, track);
drop index sandbox.outbox_app_id_psid_id_idx;
alter table sandbox.outbox
  add column track bigint not null default 0,
  add column batch_size integer, -- may travel with others, so many in all
  add foreign key (app_id, psid, track) references sandbox.lanes;
create index on sandbox.outbox (app_id, psid, track, id);
