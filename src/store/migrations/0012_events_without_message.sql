-- What came in and was not acted on, for people who look for it. What was acted on, nearly all, is not written here. The
-- expression, as PostgreSQL takes `is null` for no equality when it looks for an order.
create index events_not_acted_on on events (coalesce(account_sid, ''), id) where note is not null;
