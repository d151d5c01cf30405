/** Days of the calendar in UTC, as `2026-11-22`, and the months and years that they make. Pure. */
export type Day = string

export type Step = 'day' | 'month' | 'year'

/** Both days included. */
export type Period = { start: Day; end: Day }

const DAY_MS = 24 * 3_600_000

const msOf = (day: Day) => Date.parse(`${day}T00:00:00Z`)
const dayOf = (ms: number): Day => new Date(ms).toISOString().slice(0, 10)

/** A day that the calendar has, in the years 1 to 9998. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || /^(0000|9999)/.test(text)) return false
  const ms = msOf(text)
  return !Number.isNaN(ms) && dayOf(ms) === text
}

export const addDays = (day: Day, count: number): Day => dayOf(msOf(day) + count * DAY_MS)

export function startOf(step: Step, day: Day): Day {
  if (step === 'year') return `${day.slice(0, 4)}-01-01`
  return step === 'month' ? `${day.slice(0, 7)}-01` : day
}

/** The days, months or years from one day to another, newest first; the first and the last are cut off there. */
export function periodsOf(step: Step, from: Day, to: Day): Period[] {
  const periods: Period[] = []
  for (let end = to; end >= from; ) {
    const begin = startOf(step, end)
    const start = begin < from ? from : begin
    periods.push({ start, end })
    end = addDays(begin, -1)
  }
  return periods
}
