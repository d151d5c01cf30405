/**
 * Stored messages by the million, as the flow would have left them: spread evenly over the last 90 days, over all Pages
 * and many people; a third came in, the rest went out, most of it was read. Written by SQL alone, and told the database
 * what autovacuum would tell it in time.
 */
import { createHash } from 'node:crypto'
import type { Id } from '../src/core/ids.ts'
import { postgres } from '../src/store/driver.ts'
import { makePartitions } from '../src/store/partitions.ts'
import { ACCOUNT, PAGES, PEOPLE } from './world.ts'

const SPAN_MS = 90 * 24 * 3_600_000
const BATCH = 250_000
/** Of one person, in the mean: those of `world.ts` have no more than the others. */
const PER_PERSON = 100
const FILLED = ['contacts', 'events', 'event_keys', 'messages', 'message_parts']
/** As a gateway without settings keeps them. */
const KEPT_DAYS = 400

/** What was stored; `idAt(0)` is the oldest. */
export type Stored = { count: number; idAt: (nth: number) => Id; timeAt: (nth: number) => Date }

export async function fill(socketDir: string, count: number, log: (line: string) => void): Promise<Stored> {
  // Not as the gateway connects: this reads and writes whole tables, and takes its time.
  const sql = postgres({
    host: socketDir,
    port: 5432,
    database: 'postgres',
    username: 'pagewire',
    max: 1,
    onnotice() {},
  })
  try {
    await sql`set synchronous_commit = off`
    await sql`set maintenance_work_mem = '512MB'`
    const endMs = Date.now() - 60_000
    const stepMs = SPAN_MS / count
    await makePartitions(sql, KEPT_DAYS, { from: new Date(endMs - SPAN_MS) })
    const indexes = await sql<{ name: string; definition: string }[]>`
      select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
      from pg_index i join pg_class t on t.oid = i.indrelid
      where t.relname = any(${FILLED}) and t.relnamespace = 'public'::regnamespace and not i.indisunique`
    // Built at the end, which is quicker than kept up to date.
    for (const { name } of indexes) await sql.unsafe(`drop index ${name}`)
    await sql.unsafe(peopleSql(Math.max(PEOPLE.length, Math.ceil(count / PER_PERSON))))
    await sql.unsafe(planSql(count, endMs, stepMs))
    const startedAt = performance.now()
    for (let from = 0; from < count; from += BATCH) {
      const to = Math.min(count, from + BATCH) - 1
      for (const statement of [EVENTS, EVENT_KEYS, MESSAGES, PARTS]) await sql.unsafe(statement, [from, to])
      const seconds = Math.round((performance.now() - startedAt) / 1000)
      if (count > BATCH) log(`stored: ${(to + 1).toLocaleString('en')} messages after ${seconds} s`)
    }
    // Of a partitioned table's, PostgreSQL tells the parent's alone.
    for (const { definition } of indexes) await sql.unsafe(definition.replace(' ON ONLY ', ' ON '))
    for (const table of FILLED) await sql.unsafe(`vacuum (analyze) ${table}`)
    await sql`checkpoint`
    const timeAt = (nth: number) => new Date(Math.floor(endMs - (count - nth) * stepMs))
    return { count, timeAt, idAt: (nth) => idOf(nth, timeAt(nth).getTime()) }
  } finally {
    await sql.end()
  }
}

/** As `ID` has it: a UUID of version 7, the same for the same message. */
function idOf(nth: number, ms: number): Id {
  const time = ms.toString(16).padStart(12, '0')
  const counter = (nth % 4096).toString(16).padStart(3, '0')
  const rest = createHash('md5').update(String(nth)).digest('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-8${rest.slice(0, 3)}-${rest.slice(3, 15)}` as Id
}

const ID = `(lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(nth % 4096), 3, '0') || '8' || left(md5(nth::text), 15))::uuid`
/** The event was kept just before its message. */
const EVENT_ID = `(lpad(to_hex(ms - 1), 12, '0') || '7000' || 'b' || left(md5('event ' || nth), 15))::uuid`
/** As long as Meta's are. */
const CHANNEL_ID = `'m_' || md5('a' || nth) || md5('b' || nth) || md5('c' || nth)`

/** Those of `world.ts` first, and by its rule for the Page; all known as contacts. */
const peopleSql = (count: number) => `
  create temporary table people as
  select n::bigint as n, (2000000000000000 + n)::text as psid, s.id as sender_id, s.address as page
  from generate_series(0, ${count - 1}) n
  join (
    select id, address, row_number() over (order by address) - 1 as nth from senders
  ) s on s.nth = n % ${PAGES.length};
  alter table people add primary key (n);
  analyze people;
  insert into contacts (account_sid, sender_id, address, name, name_checked_at, last_action_at)
  select '${ACCOUNT.sid}', sender_id, psid, 'Person ' || n, clock_now(), clock_now() - interval '2 days' from people
  on conflict do nothing`

/** The messages to be, as a function of their number: who, when, which way. */
const planSql = (count: number, endMs: number, stepMs: number) => `
  create function pg_temp.planned(first bigint, last bigint)
  returns table (nth bigint, ms bigint, at timestamptz, inbound boolean, psid text, sender_id uuid, page text)
  language sql stable as $$
    select nth, ms, to_timestamp(ms / 1000.0), nth % 3 = 0, p.psid, p.sender_id, p.page
    from (
      select nth, floor(${endMs} - (${count} - nth) * ${stepMs}::float8)::bigint as ms
      from generate_series(first, last) nth
    ) n
    -- One writes, is answered, and is written to; by a prime, those who write next are far apart.
    join people p on p.n = (n.nth / 3 * 7919) % (select count(*) from people)
  $$`

const PLANNED = 'pg_temp.planned($1::bigint, $2::bigint)'

const EVENTS = `
  insert into events (account_sid, id, channel, sender_address, contact_address, dedupe_key, kind, happened_at,
    received_at, raw)
  select '${ACCOUNT.sid}', ${EVENT_ID}, 'messenger', page, psid, page || '|message|' || ${CHANNEL_ID}, 'message', at, at,
    json_build_object('sender', json_build_object('id', psid), 'recipient', json_build_object('id', page),
      'timestamp', ms, 'message', json_build_object('mid', ${CHANNEL_ID}, 'text', 'Is there a table for two, ' || nth || '?'))
  from ${PLANNED} where inbound order by nth`

/** The others are forgotten already (src/store/events.ts). */
const EVENT_KEYS = `
  insert into event_keys (digest, kept_at)
  select md5('key ' || nth)::uuid, at from ${PLANNED} where inbound and at > now() - interval '72 hours' order by nth`

const MESSAGES = `
  insert into messages (account_sid, id, direction, channel, sender_id, sender_address, contact_address, body, status,
    event_id, channel_message_id, created_at, updated_at, sent_at)
  select '${ACCOUNT.sid}', ${ID}, case when inbound then 'inbound' when nth % 3 = 1 then 'outbound-reply' else 'outbound-api' end,
    'messenger', sender_id, page, psid,
    case when inbound then 'Is there a table for two, ' || nth || '?' else 'Message ' || nth || ': your table is ready.' end,
    case when inbound then 'received' when nth % 100 < 90 then 'read' else 'delivered' end,
    case when inbound then ${EVENT_ID} end, case when inbound then ${CHANNEL_ID} end,
    at, at + interval '20 seconds', case when not inbound then at + interval '1 second' end
  from ${PLANNED} order by nth`

const PARTS = `
  insert into message_parts (account_sid, message_id, part, sender_id, contact_address, state, start_id, started_at,
    finished_at, channel_message_id, happened_at, delivered_at, read_at)
  select '${ACCOUNT.sid}', ${ID}, 0, sender_id, psid, 'sent', ${ID}, at, at + interval '1 second', ${CHANNEL_ID},
    at + interval '1 second', at + interval '3 seconds', case when nth % 100 < 90 then at + interval '20 seconds' end
  from ${PLANNED} where not inbound order by nth`
