/**
 * What a closed account leaves behind goes 30 days later (twilio.md 6.2). Its row stays, so that its SID is answered as
 * closed. Small statements, each a transaction of its own: whatever they are cut off between, the next run goes on, and
 * several nodes may run at once.
 *
 * By the real clock, as retention is: a clock that the built-in Messenger has moved removes nothing.
 */
import type { AccountSid, Id } from '#core/ids.ts'
import { insertAuditEntry } from './audit.ts'
import type { Sql } from './connection.ts'

/** Twilio's, 2026. */
const KEPT_FOR_DAYS = 30
/** Accounts in one run. */
const MAX_ACCOUNTS = 100

/** Tables whose rows go, in this order: what names another comes before it. */
export const ERASED: readonly string[] = [
  ...['replays', 'replay_batches', 'scheduled', 'message_parts', 'exchanges', 'media', 'messages', 'idempotency_keys'],
  ...['alerts', 'alert_counts', 'activity', 'callback_times', 'contacts', 'sender_checks', 'senders', 'opt_outs'],
  ...['messaging_services', 'usage_triggers', 'applications', 'api_keys', 'bins', 'channel_logins', 'provider_apps'],
  ...['installed_channels', 'sign_in_links', 'memberships'],
]
/** Has no index by account, so that what comes in costs less. */
export const WALKED = 'events'
/** Files and their rows: the sweep removes what no media uses, once it is told to look (media/sweep.ts). */
export const SWEPT: readonly string[] = ['media_files', 'unwanted_files']
/** What was used is still to be paid, and who did what stays known; both say nothing of people who wrote. */
export const KEPT: readonly string[] = ['usage_days', 'usage_increments', 'audit_entries']

/** Answers the accounts that are done. Those that are not, as rows were locked, are taken up by the next run. */
export async function eraseClosedAccounts(sql: Sql, atOnce = 1000): Promise<AccountSid[]> {
  const due = await sql<{ sid: AccountSid; parentSid: AccountSid | null }[]>`
    select sid, parent_sid from accounts
    where status = 'closed' and erased_at is null and closed_at < now() - ${KEPT_FOR_DAYS} * interval '1 day'
    order by closed_at limit ${MAX_ACCOUNTS}`
  if (due.length === 0) return []
  const sids = due.map(({ sid }) => sid)
  for (const table of ERASED) {
    for (const leaf of await leavesOf(sql, table)) while ((await eraseSome(sql, leaf, sids, atOnce)) > 0);
  }
  await eraseEvents(sql, sids, atOnce)
  while ((await looseSome(sql, sids, atOnce)) > 0);
  const erased: AccountSid[] = []
  for (const { sid, parentSid } of due) if (await markErased(sql, sid, parentSid)) erased.push(sid)
  return erased
}

/** A table itself, or the tables that it is partitioned into. */
async function leavesOf(sql: Sql, table: string): Promise<string[]> {
  const leaves = await sql<{ name: string }[]>`
    select relid::regclass::text as name from pg_partition_tree(${table}::regclass) where isleaf`
  return leaves.length > 0 ? leaves.map(({ name }) => name) : [table]
}

const NO_SUCH_TABLE = '42P01'

async function eraseSome(sql: Sql, leaf: string, sids: string[], atOnce: number): Promise<number> {
  try {
    const gone = await sql.unsafe(
      `delete from only ${leaf} where ctid = any(array(
        select ctid from only ${leaf} where account_sid = any($1::text[]) limit $2 for update skip locked))`,
      [sids, atOnce],
    )
    return gone.count
  } catch (error) {
    // A partition that another node has just dropped.
    if ((error as { code?: unknown }).code === NO_SUCH_TABLE) return 0
    throw error
  }
}

/** Through all events by their ids, so many at a time. */
async function eraseEvents(sql: Sql, sids: string[], atOnce: number): Promise<void> {
  for (let after: Id | null = '00000000-0000-0000-0000-000000000000' as Id; after; ) {
    const found: { last: Id | null }[] = await sql<{ last: Id | null }[]>`
      with chunk as materialized (
        select id, account_sid from events where id > ${after} order by id limit ${atOnce}
      ), gone as (
        delete from events e using chunk c where c.account_sid = any(${sids}::text[]) and e.id = c.id
      )
      select (select id from chunk order by id desc limit 1) as last`
    after = found[0]?.last ?? null
  }
}

/** Files are used by nobody now. */
async function looseSome(sql: Sql, sids: string[], atOnce: number): Promise<number> {
  const { count } = await sql`
    update media_files set check_at = clock_now() where ctid = any(array(
      select ctid from media_files where account_sid = any(${sids}::text[])
        and (check_at is null or check_at > clock_now())
      limit ${atOnce} for update skip locked))`
  return count
}

/** Only when nothing is left. The URL of the debugger webhook may hold a password. */
async function markErased(sql: Sql, sid: AccountSid, parentSid: AccountSid | null): Promise<boolean> {
  const left = ERASED.map((table) => `and not exists (select from ${table} where account_sid = $1)`)
  return await sql.begin(async (tx) => {
    const { count } = await tx.unsafe(
      `update accounts set erased_at = now(), debugger_url = null where sid = $1 and erased_at is null ${left.join(' ')}`,
      [sid],
    )
    if (count === 0) return false
    const entry = {
      actor: { type: 'system' as const, id: 'pagewire', name: 'Pagewire', address: null },
      source: 'system' as const,
      eventType: 'account.erased',
      resourceType: 'account',
      resourceSid: sid,
    }
    for (const accountSid of new Set([sid, parentSid ?? sid])) await insertAuditEntry(tx, { ...entry, accountSid })
    return true
  })
}
