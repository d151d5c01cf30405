/** What came in from channels, as it came. */
import type { Json } from '#core/channel.ts'
import type { Id } from '#core/ids.ts'
import { rows, type Tx } from './connection.ts'

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
  const inserted = await tx<{ id: Id }[]>`
    insert into events (account_sid, id, channel, sender_address, contact_address, dedupe_key, kind, note, happened_at, raw)
    select "accountSid", id, channel, "senderAddress", "contactAddress", "dedupeKey", kind, note, "happenedAt",
      coalesce(raw, 'null')
    from rows from (json_to_recordset(${rows(events)}::text::json) as ("accountSid" text, id uuid, channel text,
      "senderAddress" text, "contactAddress" text, "dedupeKey" text, kind text, note text, "happenedAt" timestamptz,
      raw json)) with ordinality as e("accountSid", id, channel, "senderAddress", "contactAddress", "dedupeKey", kind,
      note, "happenedAt", raw, nth)
    order by channel, "senderAddress", "dedupeKey", nth
    on conflict (channel, sender_address, dedupe_key) do nothing
    returning id`
  return new Set(inserted.map((event) => event.id))
}
