/** The debugger: what went wrong, grouped by code, and each group's alerts. */
import { sharedClock } from '#core/clock.ts'
import { firstIdAt, fromSid, toSid } from '#core/ids.ts'
import { type AlertCount, findCountedUntil, readAlertCounts } from '#store/activity.ts'
import { listAlertsOfCode } from '#store/alerts.ts'
import { alertView } from './alert-view.ts'
import type { AlertGroup, AlertGroups, AlertPage, AlertRange } from './contract/alerts.ts'
import type { ErrorCodes } from './contract/messages.ts'
import { explain, explanations } from './explanations.ts'
import { Refusal, type Routes } from './route.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const PAGE_SIZE = 50

/** How far back, in what steps, and from which counts. */
const RANGES: Record<AlertRange, { lengthMs: number; stepMs: number; step: 'minute' | 'hour' }> = {
  hour: { lengthMs: HOUR_MS, stepMs: MINUTE_MS, step: 'minute' },
  day: { lengthMs: DAY_MS, stepMs: 30 * MINUTE_MS, step: 'minute' },
  week: { lengthMs: 7 * DAY_MS, stepMs: 3 * HOUR_MS, step: 'hour' },
  month: { lengthMs: 30 * DAY_MS, stepMs: 12 * HOUR_MS, step: 'hour' },
}

const rangeOf = (range: string | undefined) => RANGES[(range ?? 'day') as AlertRange] ?? RANGES.day

export function alertRoutes({ flow, add }: Routes): void {
  const { sql } = flow
  const url = '/accounts/:accountSid/alerts'

  add({ method: 'GET', url: `${url}/groups`, needs: 'view' }, async ({ account, query }): Promise<AlertGroups> => {
    const { lengthMs, stepMs, step } = rangeOf(query.range)
    const now = sharedClock.now()
    const from = new Date(Math.floor((now.getTime() - lengthMs) / stepMs + 1) * stepMs)
    const countedUntil = (await findCountedUntil(sql)) ?? new Date(now.getTime() - HOUR_MS)
    const counts = await readAlertCounts(sql, { accountSid: account.sid, from, countedUntil, now, step, stepMs })
    return { from: from.toISOString(), stepMs, groups: groupsOf(counts), series: seriesOf(counts) }
  })

  add({ method: 'GET', url, needs: 'view' }, async ({ account, query }): Promise<AlertPage> => {
    const code = Number(query.code)
    if (!/^\d{5}$/.test(query.code ?? '')) throw new Refusal(400, 'An error code has five digits', 'code')
    const from = firstIdAt(new Date(sharedClock.now().getTime() - rangeOf(query.range).lengthMs))
    const older = query.after ? (fromSid(query.after, 'NO') ?? null) : null
    const found = await listAlertsOfCode(sql, { accountSid: account.sid, code, from, older }, PAGE_SIZE + 1)
    const items = found.slice(0, PAGE_SIZE)
    const last = items.at(-1)
    return { items: items.map(alertView), next: last && found.length > PAGE_SIZE ? toSid('NO', last.id) : null }
  })

  add({ method: 'GET', url: '/error-codes', needs: 'signed in' }, async (): Promise<ErrorCodes> => {
    return { sections: explanations() }
  })
}

function groupsOf(counts: readonly AlertCount[]): AlertGroup[] {
  const groups = new Map<string, AlertGroup>()
  for (const { code, level, alerts, firstAt, lastAt } of counts) {
    const key = `${code} ${level}`
    const known = groups.get(key)
    const [first, last] = [firstAt.toISOString(), lastAt.toISOString()]
    if (!known) groups.set(key, { ...explain(code, null, 'alert'), level, count: alerts, firstAt: first, lastAt: last })
    else {
      known.count += alerts
      if (first < known.firstAt) known.firstAt = first
      if (last > known.lastAt) known.lastAt = last
    }
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || a.code - b.code)
}

function seriesOf(counts: readonly AlertCount[]): AlertGroups['series'] {
  const series = new Map<string, Record<string, number>>()
  for (const { at, code, alerts } of counts) {
    const codes = series.get(at.toISOString()) ?? {}
    codes[code] = (codes[code] ?? 0) + alerts
    series.set(at.toISOString(), codes)
  }
  return [...series].map(([at, codes]) => ({ at, codes }))
}
