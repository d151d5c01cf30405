-- Who is told of the account's new alerts; null: its parent's URL, if there is one.
alter table accounts add column debugger_url text;

alter table alerts
  add column service_sid text, -- the messaging service that it went through
  add column response_status integer;
