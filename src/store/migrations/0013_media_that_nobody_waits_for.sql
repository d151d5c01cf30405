-- A file that is still fetched but holds up its conversation no more.
alter table media add column is_awaited boolean not null default true;
update media set is_awaited = false where state <> 'waiting';
