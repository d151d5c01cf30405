-- A pool of senders that speak as one. Most of Twilio's switches mean nothing on Messenger: they are kept as they were set.
create table messaging_services (
  account_sid text not null references accounts,
  id uuid not null,
  friendly_name text not null,
  inbound_url text, -- null: what people write is not kept, unless the sender decides
  inbound_method text not null,
  fallback_url text,
  fallback_method text not null,
  status_callback_url text,
  sender_decides_inbound boolean not null, -- Twilio's use_inbound_webhook_on_number
  validity_seconds integer not null,
  switches json not null,
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  primary key (account_sid, id)
);

-- A sender belongs to one service at most.
alter table senders add column service_id uuid, add column service_joined_at timestamptz,
  add foreign key (account_sid, service_id) references messaging_services on delete set null (service_id);
create index senders_of_service on senders (account_sid, service_id) where service_id is not null;

-- send_at: when a scheduled message becomes due; its validity counts from then. feedback: what the customer says became
-- of the message, {"outcome", "createdAt", "updatedAt"}.
alter table messages add column service_id uuid, add column send_at timestamptz, add column feedback json;
-- The few whose time of sending lies far from that of their making: lists by date look for them apart.
create index messages_scheduled on messages (account_sid, id) where send_at is not null;

-- Messages that wait for their time, outside of their lanes, so that they hold up nothing that is sent before.
create table scheduled (
  account_sid text not null,
  message_id uuid not null,
  due_at timestamptz not null,
  primary key (account_sid, message_id)
);
create index scheduled_due on scheduled (due_at, message_id);

-- Keywords and texts of a service, in place of the sender's and the defaults.
create table opt_outs (
  account_sid text not null,
  id uuid not null,
  service_id uuid not null,
  friendly_name text,
  enabled boolean not null default true,
  keywords json not null, -- [{"keyword", "type", "language"}]
  texts json not null, -- [{"text", "type", "language"}]
  created_at timestamptz not null default clock_now(),
  updated_at timestamptz not null default clock_now(),
  primary key (account_sid, id),
  unique (account_sid, service_id),
  foreign key (account_sid, service_id) references messaging_services on delete cascade
);
