/**
 * How many messages an account made and got, by day (UTC) and channel. Counted in the transaction that makes them, so
 * always exact; `usage_increments` are rows that wait to be added to their day.
 */
import type { Day, Step } from '#core/days.ts'
import type { Usage, UsageCounts } from '#core/usage.ts'
import type { Tx } from './connection.ts'

/** For a statement that has the new messages in a CTE `message(account_sid, channel, direction, num_media)`. */
export const countingUsage = (tx: Tx) => tx`
  insert into usage_increments (account_sid, day, channel, inbound, inbound_with_media, inbound_media,
    outbound, outbound_with_media, outbound_media)
  select account_sid, (clock_now() at time zone 'UTC')::date, channel,
    count(*) filter (where direction = 'inbound'),
    count(*) filter (where direction = 'inbound' and num_media > 0),
    coalesce(sum(num_media) filter (where direction = 'inbound'), 0),
    count(*) filter (where direction <> 'inbound'),
    count(*) filter (where direction <> 'inbound' and num_media > 0),
    coalesce(sum(num_media) filter (where direction <> 'inbound'), 0)
  from message group by account_sid, channel`

const MAX_ADDED = 10_000

/** Adds what was counted to its days. Several nodes may do so at once: each takes rows that no other has in hand. */
export async function addUpUsage(sql: Tx): Promise<void> {
  for (;;) {
    const [added] = await sql<{ count: string }[]>`
      with taken as (
        delete from usage_increments where (account_sid, id) in (
          select account_sid, id from usage_increments order by account_sid, id limit ${MAX_ADDED}
          for update skip locked)
        returning *
      ), days as (
        insert into usage_days as d (account_sid, day, channel, inbound, inbound_with_media, inbound_media,
          outbound, outbound_with_media, outbound_media)
        select account_sid, day, channel, sum(inbound), sum(inbound_with_media), sum(inbound_media),
          sum(outbound), sum(outbound_with_media), sum(outbound_media)
        from taken group by account_sid, day, channel order by account_sid, day, channel
        on conflict (account_sid, day, channel) do update set
          inbound = d.inbound + excluded.inbound,
          inbound_with_media = d.inbound_with_media + excluded.inbound_with_media,
          inbound_media = d.inbound_media + excluded.inbound_media,
          outbound = d.outbound + excluded.outbound,
          outbound_with_media = d.outbound_with_media + excluded.outbound_with_media,
          outbound_media = d.outbound_media + excluded.outbound_media
      )
      select count(*) from taken`
    if (Number(added?.count) < MAX_ADDED) return
  }
}

export type UsageQuery = {
  accountSid: string
  includeSubaccounts: boolean
  from: Day
  to: Day
  /** Into what the time is divided; null: not at all. */
  step: Step | null
}

/** By the first day of each day, month or year that has any; by '' when time is not divided. */
export async function readUsage(
  sql: Tx,
  { accountSid, includeSubaccounts, from, to, step }: UsageQuery,
): Promise<Map<Day, Usage>> {
  const accounts = includeSubaccounts
    ? sql`select sid from accounts where sid = ${accountSid} or parent_sid = ${accountSid}`
    : sql`select ${accountSid}::text`
  const period = step ? sql`to_char(date_trunc(${step}, day::timestamp), 'YYYY-MM-DD')` : sql`''`
  const counts = sql`day, channel, inbound, inbound_with_media, inbound_media, outbound, outbound_with_media, outbound_media`
  const within = sql`account_sid in (${accounts}) and day between ${from}::text::date and ${to}::text::date`
  const found = await sql<(UsageCounts & { period: Day; channel: string })[]>`
    select period, channel, sum(inbound)::float8 as inbound, sum(inbound_with_media)::float8 as inbound_with_media,
      sum(inbound_media)::float8 as inbound_media, sum(outbound)::float8 as outbound,
      sum(outbound_with_media)::float8 as outbound_with_media, sum(outbound_media)::float8 as outbound_media
    from (
      select ${period} as period, ${counts} from usage_days where ${within}
      union all
      select ${period} as period, ${counts} from usage_increments where ${within}
    ) counted
    group by period, channel`
  const usage = new Map<Day, Map<string, UsageCounts>>()
  for (const { period, channel, ...counts } of found) {
    const channels = usage.get(period) ?? new Map<string, UsageCounts>()
    usage.set(period, channels.set(channel, counts))
  }
  return usage
}

/** Today by the clock that usage is counted by, and the day since when there is an account. */
export async function findUsageDays(sql: Tx, accountSid: string): Promise<{ now: Date; today: Day; since: Day }> {
  const [row] = await sql<{ now: Date; today: Day; since: Day }[]>`
    select clock_now() as now, to_char(clock_now() at time zone 'UTC', 'YYYY-MM-DD') as today,
      to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as since
    from accounts where sid = ${accountSid}`
  if (!row) throw new Error(`there is no account ${accountSid}`)
  return row
}
