/** Messages that wait for their time. What is in this table is on the schedule, whatever its message's status says. */
import type { AccountSid, Id } from '#core/ids.ts'
import { rows, type Sql, type Tx } from './connection.ts'

export type ScheduledKey = { accountSid: string; messageId: Id }

/** Any number: who holds it releases what is due, so that two nodes cannot overtake each other in a conversation. */
const RELEASE_LOCK = 0x5061_6700

export async function insertScheduled(
  tx: Tx,
  messages: readonly { accountSid: string; id: Id; sendAt: Date | null }[],
): Promise<void> {
  if (messages.length === 0) return
  await tx`
    insert into scheduled (account_sid, message_id, due_at)
    select "accountSid", id, "sendAt"
    from json_to_recordset(${rows(messages)}::text::json) as s("accountSid" text, id uuid, "sendAt" timestamptz)`
}

/** Takes them off the schedule; answers those that were on it. Waits for a release of the same ones. */
export async function unschedule(tx: Tx, keys: readonly ScheduledKey[]): Promise<Set<Id>> {
  if (keys.length === 0) return new Set()
  const gone = await tx<{ messageId: Id }[]>`
    with locked as (
      select s.account_sid, s.message_id from scheduled s
      join (select distinct * from json_to_recordset(${rows(keys)}::text::json)
        as k("accountSid" text, "messageId" uuid)) k on s.account_sid = k."accountSid" and s.message_id = k."messageId"
      order by s.account_sid, s.message_id for update of s
    )
    delete from scheduled s using locked l where s.account_sid = l.account_sid and s.message_id = l.message_id
    returning s.message_id`
  return new Set(gone.map(({ messageId }) => messageId))
}

export type DueMessage = {
  accountSid: AccountSid
  id: Id
  senderId: Id
  contactAddress: string
  numMedia: number
  hasService: boolean
}

/**
 * Takes what is due off the schedule, the longest due first. None while another node does the same; what is being
 * canceled is passed over.
 */
export async function takeDue(tx: Tx, limit: number): Promise<DueMessage[]> {
  const [lock] = await tx<{ held: boolean }[]>`select pg_try_advisory_xact_lock(${RELEASE_LOCK}) as held`
  if (!lock?.held) return []
  return await tx<DueMessage[]>`
    with due as materialized (
      select account_sid, message_id, due_at from scheduled where due_at <= clock_now()
      order by due_at, message_id limit ${limit} for update skip locked
    ), gone as (
      delete from scheduled s using due d where s.account_sid = d.account_sid and s.message_id = d.message_id
    )
    select m.account_sid, m.id, m.sender_id, m.contact_address, m.num_media, exists (
      select from messaging_services v where v.account_sid = m.account_sid and v.id = m.service_id
    ) as has_service
    from due d join messages m on m.account_sid = d.account_sid and m.id = d.message_id
    order by d.due_at, d.message_id`
}

/** Of the first `limit` that are due, by sender. Takes nothing. */
export async function countDue(sql: Sql, limit: number): Promise<{ senderId: Id; messages: number }[]> {
  return await sql<{ senderId: Id; messages: number }[]>`
    with due as materialized (
      select account_sid, message_id from scheduled where due_at <= clock_now() order by due_at, message_id limit ${limit}
    )
    select m.sender_id, count(*)::int as messages
    from due d join messages m on m.account_sid = d.account_sid and m.id = d.message_id
    group by m.sender_id`
}

/** Has the account so many scheduled messages already? Reads them all, so it is not for every request. */
export async function hasScheduled(sql: Sql, accountSid: string, count: number): Promise<boolean> {
  const found = await sql`select 1 from scheduled where account_sid = ${accountSid} offset ${count - 1} limit 1`
  return found.length > 0
}

/** How far this time is ahead of the store's clock. */
export async function msUntil(sql: Sql, at: Date): Promise<number> {
  const [row] = await sql<{ ms: number }[]>`
    select extract(epoch from ${at}::timestamptz - clock_now())::float8 * 1000 as ms`
  return row?.ms ?? Number.NaN
}
