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

/** The first 128 bits: as many as PostgreSQL's uuid holds, whose index entry is a tenth of the key's own. */
const digestOf = ({ channel, senderAddress, dedupeKey }: NewEvent): string =>
  hash('sha256', JSON.stringify([channel, senderAddress, dedupeKey])).slice(0, 32)

export type EventRecord = NewEvent & { receivedAt: Date }

export async function findEvent(sql: Tx, accountSid: string, id: Id): Promise<EventRecord | undefined> {
  const [row] = await sql<EventRecord[]>`select * from events where id = ${id} and account_sid = ${accountSid}`
  return row
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
