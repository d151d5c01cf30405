/** Twilio's date filters: `Name`, `Name<` (on or before), `Name>` (on or after), in any spelling it takes (twilio.md 1.5). */
import { isDay } from '#core/days.ts'
import { ApiError } from '#core/errors.ts'
import type { Form } from './form.ts'

const DAY_MS = 24 * 3_600_000

const TIME = '\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?'
/** ISO 8601 also with a space, RFC 2822, `06/11/2019 22:05:25 MST`. */
const MOMENT = new RegExp(
  `^(?<day>\\d{4}-\\d\\d-\\d\\d|\\d\\d/\\d\\d/\\d{4}|(?:[A-Z]{3}, ?)?\\d{1,2} [A-Z]{3} \\d{4})` +
    `(?<time>[T ]${TIME})? ?(?<zone>Z|[+-]\\d\\d:?\\d\\d|[A-Z]{2,4})?$`,
  'i',
)

/**
 * From (inclusive) and before (exclusive). `Name` means the whole day, in UTC, of a time too: Twilio knows it for days
 * only, and its SDKs write all dates with a time.
 */
export function readDates(query: Form, name: string): { sentFrom: Date | null; sentBefore: Date | null } {
  const [on, upTo, since] = [`${name}`, `${name}<`, `${name}>`].map((key) => readMoment(query.one(key), name))
  if (on) {
    const start = Math.floor(on.from.getTime() / DAY_MS) * DAY_MS
    return { sentFrom: new Date(start), sentBefore: new Date(start + DAY_MS) }
  }
  return { sentFrom: since?.from ?? null, sentBefore: upTo?.before ?? null }
}

export function readMoment(text: string | null, name: string): { from: Date; before: Date } | null {
  if (text === null || text === '') return null
  const { day = '', time, zone } = MOMENT.exec(text)?.groups ?? {}
  // A day has no zone, and all else is UTC without one.
  if (!isDay(isoDayOf(day)) || (zone && !time)) throw invalid(name)
  const start = new Date(time ? `${day.includes('-') ? text.toUpperCase() : text}${zone ? '' : 'Z'}` : isoDayOf(day))
  // Years that PostgreSQL reads as JavaScript writes them; a zone can lead out of them. Also false for no date at all.
  if (!(start.getUTCFullYear() >= 1 && start.getUTCFullYear() < 9999)) throw invalid(name)
  // A list "up to" a second, as our own dates are written, includes all of it.
  const precisionMs = time === undefined ? DAY_MS : time.includes('.') ? 1 : 1000
  return { from: start, before: new Date(start.getTime() + precisionMs) }
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The day that is written there, whether the calendar has it or not: JavaScript makes 2 March of 30 February. */
function isoDayOf(day: string): string {
  const [, month, date, year] = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(day) ?? []
  if (year) return `${year}-${month}-${date}`
  const [, dayOfMonth = '', name = '', ofYear] = /(\d{1,2}) ([a-z]{3}) (\d{4})$/i.exec(day) ?? []
  if (!ofYear) return day
  const nth = MONTHS.indexOf(name.toLowerCase()) + 1
  return `${ofYear}-${String(nth).padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`
}

const invalid = (name: string) =>
  new ApiError('parameter_invalid', `Invalid ${name}: expected a date such as 2026-01-31 or 2026-01-31T12:00:00Z`)
