/**
 * How messages went and how quick callback URLs were, by the minute and the hour, so that nobody needs to count millions
 * of rows to draw a line. By the time in the messages' ids, which is the real clock's.
 */
import type Postgres from 'postgres'
import { firstIdAt, type Id } from '#core/ids.ts'
import type { Sql, Tx } from './connection.ts'

export type ActivityCounts = { inbound: number; outbound: number; delivered: number; read: number; failed: number }

/** Counts one minute of all accounts anew. What was deleted meanwhile keeps its last count. */
export async function countMinute(tx: Tx, at: Date): Promise<void> {
  const { from, before } = minuteOf(at)
  await tx`
    insert into activity (account_sid, step, at, sender_id, inbound, outbound, delivered, read, failed)
    select a.sid, 'minute', ${at}, m.*
    from accounts a cross join lateral (${countsOf(tx, tx`a.sid`, from, before)}) m
    on conflict (account_sid, step, at, sender_id) do update set inbound = excluded.inbound,
      outbound = excluded.outbound, delivered = excluded.delivered, read = excluded.read, failed = excluded.failed`
  await tx`
    insert into callback_times (account_sid, step, at, sender_id, bucket, calls, failed)
    select a.sid, 'minute', ${at}, x.* from accounts a cross join lateral (${timesOf(tx, tx`a.sid`, from, before)}) x
    on conflict (account_sid, step, at, sender_id, bucket) do update set calls = excluded.calls,
      failed = excluded.failed`
  await tx`
    insert into alert_counts (account_sid, step, at, code, level, alerts, first_at, last_at)
    select a.sid, 'minute', ${at}, x.* from accounts a cross join lateral (${alertsOf(tx, tx`a.sid`, from, before)}) x
    on conflict (account_sid, step, at, code, level) do update set alerts = excluded.alerts,
      first_at = excluded.first_at, last_at = excluded.last_at`
}

/** Adds the hour's minutes up again. */
export async function addUpHour(tx: Tx, at: Date): Promise<void> {
  const minutes = tx`account_sid = a.sid and step = 'minute' and at >= ${at} and at < ${at}::timestamptz + interval '1 hour'`
  await tx`
    insert into activity (account_sid, step, at, sender_id, inbound, outbound, delivered, read, failed)
    select a.sid, 'hour', ${at}, m.* from accounts a cross join lateral (
      select sender_id, sum(inbound), sum(outbound), sum(delivered), sum(read), sum(failed)
      from activity where ${minutes} group by sender_id) m
    on conflict (account_sid, step, at, sender_id) do update set inbound = excluded.inbound,
      outbound = excluded.outbound, delivered = excluded.delivered, read = excluded.read, failed = excluded.failed`
  await tx`
    insert into callback_times (account_sid, step, at, sender_id, bucket, calls, failed)
    select a.sid, 'hour', ${at}, m.* from accounts a cross join lateral (
      select sender_id, bucket, sum(calls), sum(failed) from callback_times where ${minutes}
      group by sender_id, bucket) m
    on conflict (account_sid, step, at, sender_id, bucket) do update set calls = excluded.calls,
      failed = excluded.failed`
  await tx`
    insert into alert_counts (account_sid, step, at, code, level, alerts, first_at, last_at)
    select a.sid, 'hour', ${at}, m.* from accounts a cross join lateral (
      select code, level, sum(alerts), min(first_at), max(last_at) from alert_counts where ${minutes}
      group by code, level) m
    on conflict (account_sid, step, at, code, level) do update set alerts = excluded.alerts,
      first_at = excluded.first_at, last_at = excluded.last_at`
}

const minuteOf = (at: Date) => ({ from: firstIdAt(at), before: firstIdAt(new Date(at.getTime() + 60_000)) })

type Fragment = Postgres.PendingQuery<Postgres.Row[]>

const countsOf = (tx: Tx, account: Fragment, from: Id, before: Id) => tx`
  select sender_id, count(*) filter (where direction = 'inbound') as inbound,
    count(*) filter (where direction <> 'inbound') as outbound,
    count(*) filter (where status in ('delivered', 'read')) as delivered,
    count(*) filter (where status = 'read') as read,
    count(*) filter (where status in ('failed', 'undelivered')) as failed
  from messages where account_sid = ${account} and id >= ${from} and id < ${before} group by sender_id`

const timesOf = (tx: Tx, account: Fragment, from: Id, before: Id) => tx`
  select m.sender_id, least(${LAST_BUCKET}::integer, floor(2 * ln(greatest(x.duration_ms, 1)) / ln(2::float8))::integer) as bucket,
    count(*) as calls, count(*) filter (where x.error_code is not null) as failed
  from exchanges x join messages m on m.account_sid = ${account} and m.id = x.message_id
  where x.account_sid = ${account} and x.message_id >= ${from} and x.message_id < ${before} and x.purpose <> 'status'
  group by 1, 2`

const alertsOf = (tx: Tx, account: Fragment, from: Id, before: Id) => tx`
  select code, level, count(*) as alerts, min(created_at) as first_at, max(created_at) as last_at
  from alerts where account_sid = ${account} and id >= ${from} and id < ${before} group by code, level`

/** 16 to 23 s and more: no call takes longer. */
const LAST_BUCKET = 28
/** Where a bucket begins and ends, in milliseconds. */
const edgeMs = (bucket: number): number => 2 ** (bucket / 2)

export async function findCountedUntil(tx: Tx): Promise<Date | undefined> {
  const [row] = await tx<{ at: Date }[]>`select at from counted_until`
  return row?.at
}

export async function saveCountedUntil(tx: Tx, at: Date): Promise<void> {
  await tx`insert into counted_until (at) values (${at}) on conflict (id) do update set at = excluded.at`
}

const MINUTES_KEPT = '2 days'
const HOURS_KEPT = '400 days'

export async function forgetActivity(tx: Tx, now: Date): Promise<void> {
  for (const table of ['activity', 'callback_times', 'alert_counts']) {
    for (const [step, kept] of [
      ['minute', MINUTES_KEPT],
      ['hour', HOURS_KEPT],
    ] as const) {
      await tx`
        delete from ${tx(table)} t using accounts a
        where t.account_sid = a.sid and t.step = ${step} and t.at < ${now}::timestamptz - ${kept}::interval`
    }
  }
}

export type ActivityQuery = {
  accountSid: string
  senderId: Id | null
  from: Date
  /** What has been counted; from there to `now` is counted while one waits. */
  countedUntil: Date
  now: Date
  /** Which rows are read, and into what they are put together in this zone. */
  step: 'minute' | 'hour'
  by: 'minute' | 'hour' | 'day'
  zone: string
}

export type ActivityRow = ActivityCounts & { at: Date; senderId: Id }

export async function readActivity(sql: Sql, q: ActivityQuery): Promise<ActivityRow[]> {
  return await sql<ActivityRow[]>`
    select date_trunc(${q.by}, at, ${q.zone}) as at, sender_id, sum(inbound)::float8 as inbound,
      sum(outbound)::float8 as outbound, sum(delivered)::float8 as delivered, sum(read)::float8 as read,
      sum(failed)::float8 as failed
    from (
      select at, sender_id, inbound, outbound, delivered, read, failed from activity
      where account_sid = ${q.accountSid} and step = ${q.step} and at >= ${q.from} and at < ${wholeSteps(q)}
      union all
      select at, sender_id, inbound, outbound, delivered, read, failed from activity
      where account_sid = ${q.accountSid} and step = 'minute' and at >= ${wholeSteps(q)} and at < ${q.countedUntil}
      union all
      select ${q.countedUntil}, m.* from (
        ${countsOf(sql, sql`${q.accountSid}`, firstIdAt(q.countedUntil), firstIdAt(q.now))}) m
    ) counted
    where ${q.senderId === null ? sql`true` : sql`sender_id = ${q.senderId}`}
    group by 1, 2 order by 1`
}

/** Hours are read as such when they are over and counted; the minutes of the one that runs come beside. */
const wholeSteps = ({ step, countedUntil }: Pick<ActivityQuery, 'step' | 'countedUntil'>): Date =>
  step === 'minute' ? countedUntil : new Date(Math.floor(countedUntil.getTime() / 3_600_000) * 3_600_000)

export type CallbackTimes = { calls: number; failed: number; p50: number | null; p95: number | null }

export async function readCallbackTimes(sql: Sql, q: ActivityQuery): Promise<CallbackTimes> {
  const found = await sql<{ bucket: number; calls: number; failed: number }[]>`
    select bucket, sum(calls)::float8 as calls, sum(failed)::float8 as failed from (
      select sender_id, bucket, calls, failed from callback_times
      where account_sid = ${q.accountSid} and step = ${q.step} and at >= ${q.from} and at < ${wholeSteps(q)}
      union all
      select sender_id, bucket, calls, failed from callback_times
      where account_sid = ${q.accountSid} and step = 'minute' and at >= ${wholeSteps(q)} and at < ${q.countedUntil}
      union all
      select * from (${timesOf(sql, sql`${q.accountSid}`, firstIdAt(q.countedUntil), firstIdAt(q.now))}) x
    ) counted
    where ${q.senderId === null ? sql`true` : sql`sender_id = ${q.senderId}`}
    group by bucket order by bucket`
  const calls = found.reduce((sum, row) => sum + row.calls, 0)
  const failed = found.reduce((sum, row) => sum + row.failed, 0)
  return { calls, failed, p50: percentile(found, calls, 0.5), p95: percentile(found, calls, 0.95) }
}

/** Within a bucket it is as if the calls were spread evenly. */
export function percentile(
  buckets: readonly { bucket: number; calls: number }[],
  calls: number,
  share: number,
): number | null {
  let left = calls * share
  for (const { bucket, calls: inBucket } of buckets) {
    if (left <= inBucket) return Math.round(edgeMs(bucket) + (edgeMs(bucket + 1) - edgeMs(bucket)) * (left / inBucket))
    left -= inBucket
  }
  return null
}

export type AlertCount = {
  at: Date
  code: number
  level: 'error' | 'warning'
  alerts: number
  firstAt: Date
  lastAt: Date
}

export async function readAlertCounts(
  sql: Sql,
  q: Pick<ActivityQuery, 'accountSid' | 'from' | 'countedUntil' | 'now' | 'step'> & { stepMs: number },
): Promise<AlertCount[]> {
  const whole = wholeSteps(q)
  const seconds = q.stepMs / 1000
  return await sql<AlertCount[]>`
    select to_timestamp(floor(extract(epoch from at) / ${seconds}::float8) * ${seconds}::float8) as at, code, level,
      sum(alerts)::float8 as alerts, min(first_at) as first_at, max(last_at) as last_at
    from (
      select at, code, level, alerts, first_at, last_at from alert_counts
      where account_sid = ${q.accountSid} and step = ${q.step} and at >= ${q.from} and at < ${whole}
      union all
      select at, code, level, alerts, first_at, last_at from alert_counts
      where account_sid = ${q.accountSid} and step = 'minute' and at >= ${whole} and at < ${q.countedUntil}
      union all
      select ${q.countedUntil}, x.* from (
        ${alertsOf(sql, sql`${q.accountSid}`, firstIdAt(q.countedUntil), firstIdAt(q.now))}) x
    ) counted
    group by 1, 2, 3 order by 1`
}
