/** How senders were when they were last looked at, and when they are due again. */
import type { Finding, FindingLevel } from '#core/channel.ts'
import type { AccountSid, Id } from '#core/ids.ts'
import type { Sql, Tx } from './connection.ts'

export type SenderCheck = {
  senderId: Id
  checkedAt: Date | null
  level: FindingLevel | null
  findings: Finding[]
}

/**
 * Of a sender that was connected, also again, nothing is known any more; that it works has just been seen, so that it is
 * not looked at soon.
 */
export async function startChecks(tx: Tx, accountSid: string, senderId: Id, firstInMs: number): Promise<void> {
  await tx`
    insert into sender_checks (account_sid, sender_id, due_at)
    values (${accountSid}, ${senderId}, clock_now() + ${firstInMs} * interval '1 millisecond')
    on conflict (account_sid, sender_id) do update set
      due_at = excluded.due_at, checked_at = null, level = null, findings = '[]'`
}

export async function removeCheck(tx: Tx, accountSid: string, senderId: Id): Promise<void> {
  await tx`delete from sender_checks where account_sid = ${accountSid} and sender_id = ${senderId}`
}

/**
 * Takes some that are due, for the time of `leaseMs`: if the node dies, they are due again after it. Several nodes may
 * ask at once and get different ones.
 */
export async function takeDueChecks(
  sql: Sql,
  limit: number,
  leaseMs: number,
): Promise<{ accountSid: AccountSid; senderId: Id }[]> {
  return await sql<{ accountSid: AccountSid; senderId: Id }[]>`
    update sender_checks c set due_at = clock_now() + ${leaseMs} * interval '1 millisecond'
    from (
      select account_sid, sender_id from sender_checks where due_at <= clock_now()
      order by due_at limit ${limit} for update skip locked
    ) d
    where c.account_sid = d.account_sid and c.sender_id = d.sender_id
    returning c.account_sid, c.sender_id`
}

export async function postponeCheck(tx: Tx, accountSid: string, senderId: Id, againInMs: number): Promise<void> {
  await tx`
    update sender_checks set due_at = clock_now() + ${againInMs} * interval '1 millisecond'
    where account_sid = ${accountSid} and sender_id = ${senderId}`
}

/**
 * Answers the findings before. Undefined, and nothing is kept, when the sender is gone or has been changed since `seenAt`,
 * its `updatedAt` when it was looked at.
 */
export async function saveCheck(
  tx: Tx,
  sender: { accountSid: string; id: Id; seenAt: Date },
  level: FindingLevel,
  findings: readonly Finding[],
  againInMs: number,
): Promise<Finding[] | undefined> {
  const { accountSid, id, seenAt } = sender
  const [row] = await tx<{ before: Finding[] }[]>`
    update sender_checks c set checked_at = clock_now(), level = ${level},
      findings = ${JSON.stringify(findings)}::text::json, due_at = clock_now() + ${againInMs} * interval '1 millisecond'
    from (
      select findings as before from sender_checks
      where account_sid = ${accountSid} and sender_id = ${id} for update
    ) b
    where c.account_sid = ${accountSid} and c.sender_id = ${id} and exists (
      select from senders where account_sid = ${accountSid} and id = ${id}
        and date_trunc('milliseconds', updated_at) <= ${seenAt}
    )
    returning b.before`
  return row?.before
}

export async function listChecks(sql: Tx, accountSid: string): Promise<Map<Id, SenderCheck>> {
  const found = await sql<SenderCheck[]>`
    select sender_id, checked_at, level, findings from sender_checks where account_sid = ${accountSid}`
  return new Map(found.map((check) => [check.senderId, check]))
}

export async function findCheck(sql: Tx, accountSid: string, senderId: Id): Promise<SenderCheck | undefined> {
  const [row] = await sql<SenderCheck[]>`
    select sender_id, checked_at, level, findings from sender_checks
    where account_sid = ${accountSid} and sender_id = ${senderId}`
  return row
}

export type Activity = {
  lastInboundAt: Date | null
  /** The newest call of the callback URL about that message. */
  callStatus: number | null
  callError: string | null
  callMs: number | null
  lastOutboundAt: Date | null
  outboundStatus: string | null
  outboundCode: number | null
}

/** Further back nobody looks: a sender has millions of messages. */
const NEWEST = 500

export async function findActivity(sql: Sql, accountSid: string, senderId: Id): Promise<Activity> {
  const [row] = await sql<Activity[]>`
    with newest as materialized (
      select id, direction, status, error_code, created_at from messages
      where sender_id = ${senderId} order by id desc limit ${NEWEST}
    ), came as (
      select id, created_at from newest where direction = 'inbound' order by id desc limit 1
    ), went as (
      select status, error_code, created_at from newest where direction <> 'inbound' order by id desc limit 1
    ), called as (
      select x.status, x.error_text, x.duration_ms from came
      join exchanges x on x.account_sid = ${accountSid} and x.message_id = came.id and x.purpose <> 'status'
      order by x.id desc limit 1
    )
    select came.created_at as last_inbound_at, called.status as call_status, called.error_text as call_error,
      called.duration_ms as call_ms, went.created_at as last_outbound_at, went.status as outbound_status,
      went.error_code as outbound_code
    from (select 1) one left join came on true left join called on true left join went on true`
  return row as Activity
}
