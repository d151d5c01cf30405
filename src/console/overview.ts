/** How an account is doing: messages, callbacks and queues over the last hour, day or month. */
import { sharedClock } from '#core/clock.ts'
import { fromSid, toSid } from '#core/ids.ts'
import { measureQueues } from '#messaging/measure-queues.ts'
import {
  type ActivityCounts,
  type ActivityQuery,
  type ActivityRow,
  findCountedUntil,
  readActivity,
  readCallbackTimes,
} from '#store/activity.ts'
import { searchMessages } from '#store/message-log.ts'
import { listSenders, type Sender } from '#store/senders.ts'
import type { Overview, OverviewRange, SenderChoice } from './contract/overview.ts'
import { readLogFilter } from './log-filter.ts'
import { Refusal, type Routes } from './route.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Twice what an account may have (contract.md). */
const MAX_SENDERS = 50

const RANGES: Record<OverviewRange, { lengthMs: number; stepMs: number } & Pick<ActivityQuery, 'step' | 'by'>> = {
  hour: { lengthMs: HOUR_MS, stepMs: MINUTE_MS, step: 'minute', by: 'minute' },
  day: { lengthMs: DAY_MS, stepMs: HOUR_MS, step: 'hour', by: 'hour' },
  month: { lengthMs: 30 * DAY_MS, stepMs: DAY_MS, step: 'hour', by: 'day' },
}

export function overviewRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const sendersOf = (accountSid: string): Promise<Sender[]> =>
    listSenders(sql, vault, { accountSid, channel: 'messenger' }, null, MAX_SENDERS)

  add({ method: 'GET', url: '/accounts/:accountSid/senders', needs: 'view' }, async ({ account }) => {
    return (await sendersOf(account.sid)).map(choiceOf)
  })

  add(
    { method: 'GET', url: '/accounts/:accountSid/overview', needs: 'view' },
    async ({ account, query }): Promise<Overview> => {
      const { lengthMs, stepMs, step, by } = RANGES[query.range as OverviewRange] ?? RANGES.day
      const senderId = query.sender ? (fromSid(query.sender, 'XE') ?? null) : null
      const now = sharedClock.now()
      const zone = readZone(query.zone)
      const from = new Date(now.getTime() - lengthMs + stepMs)
      from.setTime(startOfStep(from, by, zone))
      const countedUntil = (await findCountedUntil(sql)) ?? now
      const filter = { accountSid: account.sid, senderId, from, countedUntil, now, step, by, zone }
      const senders = await sendersOf(account.sid)
      const [rows, callbacks, depths] = await Promise.all([
        readActivity(sql, filter),
        readCallbackTimes(sql, filter),
        measureQueues(flow, senderId ? [senderId] : senders.map(({ id }) => id)),
      ])
      const series = seriesOf(rows, from, now, stepMs, by, zone)
      return {
        isFresh: rows.length === 0 && !(await hasSpoken()),
        from: from.toISOString(),
        stepMs,
        totals: sum(rows),
        series,
        callbacks,
        queues: (['callbacks', 'sends', 'statuses'] as const).map((kind) => ({ kind, ...depths[kind] })),
        pages: senders
          .map((sender) => {
            const { sid, name, status } = choiceOf(sender)
            return { sid, name, status, ...sum(rows.filter((row) => row.senderId === sender.id)) }
          })
          .sort((a, b) => b.inbound + b.outbound - (a.inbound + a.outbound)),
      }

      async function hasSpoken(): Promise<boolean> {
        const { entries } = await searchMessages(sql, readLogFilter(account.sid, {}), null, 1, 0)
        return entries.length > 0
      }
    },
  )
}

const choiceOf = ({ id, address, name, status }: Sender): SenderChoice => ({
  sid: toSid('XE', id),
  address,
  name,
  status,
})

const NOTHING: ActivityCounts = { inbound: 0, outbound: 0, delivered: 0, read: 0, failed: 0 }

const sum = (rows: readonly ActivityCounts[]): ActivityCounts =>
  rows.reduce<ActivityCounts>(
    (total, row) => ({
      inbound: total.inbound + row.inbound,
      outbound: total.outbound + row.outbound,
      delivered: total.delivered + row.delivered,
      read: total.read + row.read,
      failed: total.failed + row.failed,
    }),
    NOTHING,
  )

/** Every step, those without anything too. Days in the viewer's zone may have 23 or 25 hours. */
function seriesOf(
  rows: readonly ActivityRow[],
  from: Date,
  now: Date,
  stepMs: number,
  by: ActivityQuery['by'],
  zone: string,
): Overview['series'] {
  const byTime = new Map<number, ActivityRow[]>()
  for (const row of rows) byTime.set(row.at.getTime(), [...(byTime.get(row.at.getTime()) ?? []), row])
  const series: Overview['series'] = []
  for (let atMs = from.getTime(); atMs <= now.getTime(); ) {
    series.push({ at: new Date(atMs).toISOString(), ...sum(byTime.get(atMs) ?? []) })
    // A day and a half on is the next day, whatever the clocks do.
    atMs = by === 'day' ? startOfStep(new Date(atMs + 1.5 * DAY_MS), by, zone) : atMs + stepMs
  }
  return series
}

/** As PostgreSQL's date_trunc in this zone. */
function startOfStep(at: Date, by: ActivityQuery['by'], zone: string): number {
  if (by === 'minute') return Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value ?? 0)
  const startOfHour = Math.floor(at.getTime() / 1000) * 1000 - (part('minute') * 60 + part('second')) * 1000
  if (by === 'hour') return startOfHour
  const guess = startOfHour - part('hour') * HOUR_MS
  // Where the clocks were changed within the day, the guess is an hour off.
  const hour = Number(
    new Intl.DateTimeFormat('en', { timeZone: zone, hourCycle: 'h23', hour: 'numeric' }).format(guess),
  )
  return hour === 0 ? guess : hour > 12 ? guess + (24 - hour) * HOUR_MS : guess - hour * HOUR_MS
}

function readZone(zone: string | undefined): string {
  if (!zone) return 'UTC'
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    throw new Refusal(400, 'There is no such time zone', 'zone')
  }
}
