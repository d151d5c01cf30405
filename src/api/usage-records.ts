/** Usage records of the 2010 API: what was counted, by category and time (twilio.md 6.6). */
import type { FastifyInstance } from 'fastify'
import { addDays, type Day, isDay, type Period, periodsOf, type Step, startOf } from '#core/days.ts'
import { ApiError } from '#core/errors.ts'
import type { AccountSid } from '#core/ids.ts'
import { type Usage, type UsageCategory, unusedCategory, usageCategories } from '#core/usage.ts'
import type { Flow } from '#messaging/flow.ts'
import { findUsageDays, readUsage } from '#store/usage.ts'
import { accountOf } from './authenticate.ts'
import { type Form, readQuery } from './form.ts'
import { readBoolean } from './form-values.ts'
import { listJson, readPageBy, toPage } from './paging.ts'

type Range = { from: Day | null; to: Day | null; since: Day; today: Day }
type Division = { step: Step | null; periods: (range: Range) => Period[] }

const whole: Division = {
  step: null,
  periods: ({ from, to, since, today }) => [{ start: from ?? since, end: to ?? today }],
}
const divided = (step: Step): Division => ({
  step,
  periods: ({ from, to, since, today }) =>
    periodsOf(step, from !== null && from > since ? from : since, to !== null && to < today ? to : today),
})
const fixed = (period: (today: Day) => Period): Division => ({ step: null, periods: ({ today }) => [period(today)] })

/** By the path below `Usage/Records`. Where `StartDate` and `EndDate` mean nothing they are ignored. */
const DIVISIONS: Record<string, Division> = {
  '': whole,
  '/AllTime': whole,
  '/Daily': divided('day'),
  '/Monthly': divided('month'),
  '/Yearly': divided('year'),
  '/Today': fixed((today) => ({ start: today, end: today })),
  '/Yesterday': fixed((today) => ({ start: addDays(today, -1), end: addDays(today, -1) })),
  '/ThisMonth': fixed((today) => ({ start: startOf('month', today), end: today })),
  '/LastMonth': fixed((today) => {
    const end = addDays(startOf('month', today), -1)
    return { start: startOf('month', end), end }
  }),
}

type Cell = { category: UsageCategory; period: Period }

export function usageRecordRoutes(scope: FastifyInstance, flow: Flow): void {
  for (const [below, division] of Object.entries(DIVISIONS)) {
    scope.get(`/2010-04-01/Accounts/:accountSid/Usage/Records${below}.json`, async (request) => {
      const accountSid = accountOf(request)
      const query = readQuery(request.url)
      const page = readPageBy(request.url, readPlace)
      const { now, today, since } = await findUsageDays(flow.sql, accountSid)
      const from = readDay(query, 'StartDate', today)
      const to = readDay(query, 'EndDate', today)
      const periods = division.periods({ from, to, since, today })
      const categories = readCategories(flow, query)
      const found = cellsOf(periods, categories, page.edge, page.size + 1)
      const path = `/2010-04-01/Accounts/${accountSid}/Usage/Records${below}.json`
      const shown = toPage(path, page, found, placeOf)
      const includeSubaccounts = readBoolean(query, 'IncludeSubaccounts') ?? true
      const usage = await readUsageOf(flow, { accountSid, includeSubaccounts, step: division.step }, shown.items)
      return listJson('usage_records', page, shown, (cell) =>
        recordJson(accountSid, below, cell, usage.get(keyOf(division, cell)) ?? NOTHING, now),
      )
    })
  }
}

const NOTHING: Usage = new Map()

const keyOf = ({ step }: Division, { period }: Cell): Day => (step ? startOf(step, period.start) : '')

async function readUsageOf(
  flow: Flow,
  query: { accountSid: AccountSid; includeSubaccounts: boolean; step: Step | null },
  cells: Cell[],
): Promise<Map<Day, Usage>> {
  // The newest period comes first.
  const [from, to] = [cells.at(-1)?.period.start, cells[0]?.period.end]
  return from && to ? await readUsage(flow.sql, { ...query, from, to }) : new Map()
}

/** Where a page ends: the first day of the period, and the category. */
const placeOf = ({ category, period }: Cell): string => `${period.start}.${category.name}`

function readPlace(text: string): { start: Day; category: string } | undefined {
  const [, start, category] = /^(\d{4}-\d\d-\d\d)\.([a-z0-9-]+)$/.exec(text) ?? []
  return start && category ? { start, category } : undefined
}

/** Newest period first, and in each all categories in order; those after (or before) the edge, in reading order. */
function cellsOf(
  periods: Period[],
  categories: UsageCategory[],
  edge: { id: { start: Day; category: string }; direction: 'older' | 'newer' } | null,
  limit: number,
): Cell[] {
  const count = periods.length * categories.length
  let [begin, end] = [0, limit]
  if (edge) {
    const row = periods.findIndex((period) => period.start === edge.id.start)
    const column = categories.findIndex((category) => category.name === edge.id.category)
    if (row < 0 || column < 0) throw new ApiError('page_token_invalid')
    const place = row * categories.length + column
    ;[begin, end] = edge.direction === 'older' ? [place + 1, place + 1 + limit] : [place - limit, place]
  }
  const cells: Cell[] = []
  for (let place = Math.max(0, begin); place < Math.min(count, end); place += 1) {
    const period = periods[Math.floor(place / categories.length)] as Period
    cells.push({ period, category: categories[place % categories.length] as UsageCategory })
  }
  return cells
}

/** All, or the one asked for: Twilio has more than are known here. */
function readCategories(flow: Flow, query: Form): UsageCategory[] {
  const all = usageCategories(flow.channels.keys())
  const name = query.one('Category')
  if (name === null || name === '') return all
  if (!/^[a-z0-9-]{1,128}$/.test(name)) {
    throw new ApiError('parameter_invalid', 'Invalid Category: expected a usage category such as sms-outbound')
  }
  return [all.find((category) => category.name === name) ?? unusedCategory(name)]
}

/** `2026-11-22`, or days from today: `-30days`. */
function readDay(query: Form, name: string, today: Day): Day | null {
  const text = query.one(name)
  if (text === null || text === '') return null
  const [, offset] = /^([+-]\d{1,5})days?$/.exec(text) ?? []
  if (offset !== undefined) return addDays(today, Number(offset))
  if (!isDay(text)) throw new ApiError('parameter_invalid', `Invalid ${name}: expected 2026-01-31 or -30days`)
  return text
}

const RELATED = {
  all_time: 'AllTime',
  daily: 'Daily',
  last_month: 'LastMonth',
  monthly: 'Monthly',
  this_month: 'ThisMonth',
  today: 'Today',
  yearly: 'Yearly',
  yesterday: 'Yesterday',
}

function recordJson(accountSid: AccountSid, below: string, { category, period }: Cell, usage: Usage, asOf: Date) {
  const records = `/2010-04-01/Accounts/${accountSid}/Usage/Records`
  const amount = String(category.of(usage))
  const inMoney = category.unit === null
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    as_of: `${asOf.toISOString().slice(0, 19)}+00:00`,
    category: category.name,
    count: inMoney ? null : amount,
    count_unit: category.unit ?? '',
    description: category.description,
    end_date: period.end,
    price: 0,
    price_unit: 'usd',
    start_date: period.start,
    subresource_uris: Object.fromEntries(
      Object.entries(RELATED).map(([key, name]) => [key, `${records}/${name}.json?Category=${category.name}`]),
    ),
    uri: `${records}${below}.json?Category=${category.name}&StartDate=${period.start}&EndDate=${period.end}`,
    usage: amount,
    usage_unit: category.unit ?? 'usd',
  }
}
