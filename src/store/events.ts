/** What came in from channels, as it came, and by which key each event is known when it comes again. */
import { hash } from 'node:crypto'
import type { Json } from '#core/channel.ts'
import type { Id } from '#core/ids.ts'
import { rows, type Sql, type Tx } from './connection.ts'

export type NewEvent = {
  accountSid: string | null
  id: Id
  channel: string
  senderAddress: string
  contactAddress: string | null
  dedupeKey: string
  kind: string
  /** Why it was not acted on; null when it was. */
  note: string | null
  happenedAt: Date
  raw: Json
}

/**
 * Answers the ids of those that are new; the others are known already, here or earlier in the list. Of the same event
 * twice in the list the earlier one is kept: what came with it keeps its place among its neighbours.
 */
export async function insertEvents(tx: Tx, events: readonly NewEvent[]): Promise<Set<Id>> {
  if (events.length === 0) return new Set()
  const byDigest = new Map<string, NewEvent & { digest: string }>()
  for (const event of events) {
    const digest = digestOf(event)
    if (!byDigest.has(digest)) byDigest.set(digest, { ...event, digest })
  }
  // Sorted, so that two sets with the same events cannot wait for each other.
  const inserted = await tx<{ id: Id }[]>`
    with input as materialized (
      select * from json_to_recordset(${rows([...byDigest.values()])}::text::json) as e(digest uuid, "accountSid" text,
        id uuid, channel text, "senderAddress" text, "contactAddress" text, "dedupeKey" text, kind text, note text,
        "happenedAt" timestamptz, raw json)
    ), fresh as (
      insert into event_keys (digest) select digest from input order by digest
      on conflict (digest) do nothing returning digest
    )
    insert into events (account_sid, id, channel, sender_address, contact_address, dedupe_key, kind, note, happened_at, raw)
    select "accountSid", id, channel, "senderAddress", "contactAddress", "dedupeKey", kind, note, "happenedAt",
      coalesce(raw, 'null')
    from input where digest = any(array(select digest from fresh))
    returning id`
  return new Set(inserted.map((event) => event.id))
}

export type EventKey = Pick<NewEvent, 'channel' | 'senderAddress' | 'dedupeKey'>

/** Answers those of these events that have come, within the days that keys are kept. */
export async function findEventKeys(tx: Tx, keys: readonly EventKey[]): Promise<Set<EventKey>> {
  if (keys.length === 0) return new Set()
  const found = await tx<{ digest: string }[]>`
    select replace(digest::text, '-', '') as digest from event_keys where digest = any(${keys.map(digestOf)}::uuid[])`
  const digests = new Set(found.map(({ digest }) => digest))
  return new Set(keys.filter((key) => digests.has(digestOf(key))))
}

/** The first 128 bits: as many as PostgreSQL's uuid holds, whose index entry is a tenth of the key's own. */
const digestOf = ({ channel, senderAddress, dedupeKey }: EventKey): string =>
  hash('sha256', JSON.stringify([channel, senderAddress, dedupeKey])).slice(0, 32)

export type EventRecord = NewEvent & { receivedAt: Date }

export async function findEvent(sql: Tx, accountSid: string, id: Id): Promise<EventRecord | undefined> {
  const [row] = await sql<EventRecord[]>`select * from events where id = ${id} and account_sid = ${accountSid}`
  return row
}

export type IdleFilter = {
  accountSid: string
  /** Of senders that no account held: those of these senders, or of all (null). */
  strays: readonly string[] | null
  senderAddress: string | null
  contactAddress: string | null
}

/** So many are looked at per call. */
const LOOKED_AT = 20_000

/**
 * Those that were not acted on, newest first. `next` continues; fewer than `limit` with a `next` when so many were
 * looked at and not all fit.
 */
export async function listIdleEvents(
  sql: Tx,
  { accountSid, strays, senderAddress, contactAddress }: IdleFilter,
  older: Id | null,
  limit: number,
): Promise<{ items: EventRecord[]; next: Id | null }> {
  const before = older ? sql`and e.id < ${older}` : sql``
  const ofStrays = strays === null ? sql`` : sql`and e.sender_address = any(${[...strays]}::text[])`
  const looked = sql`
    select * from (
      (select e.* from events e where coalesce(e.account_sid, '') = ${accountSid} and e.note is not null ${before}
        order by e.id desc limit ${LOOKED_AT})
      union all
      (select e.* from events e where coalesce(e.account_sid, '') = '' and e.note is not null ${ofStrays} ${before}
        order by e.id desc limit ${LOOKED_AT})
    ) e order by e.id desc limit ${LOOKED_AT}`
  const items = await sql<EventRecord[]>`
    select * from (${looked}) l where true
      ${senderAddress === null ? sql`` : sql`and l.sender_address = ${senderAddress}`}
      ${contactAddress === null ? sql`` : sql`and l.contact_address = ${contactAddress}`}
    order by l.id desc limit ${limit}`
  const last = items.at(-1)
  if (last && items.length === limit) return { items, next: last.id }
  const [edge] = await sql<
    { id: Id }[]
  >`select l.id from (${looked}) l order by l.id desc offset ${LOOKED_AT - 1} limit 1`
  return { items, next: edge?.id ?? null }
}

/** Also one of a sender that no account held. */
export async function findIdleEvent(sql: Tx, accountSid: string, id: Id): Promise<EventRecord | undefined> {
  const [row] = await sql<EventRecord[]>`
    select * from events where id = ${id} and note is not null and (account_sid = ${accountSid} or account_sid is null)`
  return row
}

export async function emptyIdleEvent(sql: Tx, id: Id): Promise<void> {
  await sql`update events set raw = '{"replayed": true}' where id = ${id} and note is not null`
}

/** Meta repeats an event for 36 hours at most (meta.md 1.5). */
const REPEATED_FOR = '72 hours'
const SET_SIZE = 10_000

/** Keys of events that nobody repeats any more. */
export async function forgetEventKeys(sql: Sql): Promise<void> {
  for (let gone = SET_SIZE; gone === SET_SIZE; ) {
    const set = await sql`
      delete from event_keys where digest = any(array(
        select digest from event_keys where kept_at < now() - ${REPEATED_FOR}::interval
        order by kept_at limit ${SET_SIZE} for update skip locked))`
    gone = set.count
  }
}
