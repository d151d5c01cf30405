-- When an account was closed, and when what it had was removed (store/closed-accounts.ts). By the real clock: an account
-- that is aged by moving the built-in Messenger's clock loses nothing.
alter table accounts add column closed_at timestamptz, add column erased_at timestamptz;
update accounts set closed_at = now() where status = 'closed';
create index accounts_to_erase on accounts (closed_at) where erased_at is null;

-- Media are as old as their ids say, as messages are.
drop index media_by_age;
create index media_by_age on media (id);

-- Calls that are about no message: `resource_sid` says what they are about, and `message_id` is an id of their own, so that
-- they stand in the partition of their time.
alter table exchanges add column resource_sid text, drop constraint exchanges_purpose_check,
  add constraint exchanges_purpose_check check (purpose in ('callback', 'fallback', 'redirect', 'status', 'usage'));
create index exchanges_of_resource on exchanges (account_sid, resource_sid, message_id) where resource_sid is not null;
