/** Twilio's date filters: `Name`, `Name<` (on or before), `Name>` (on or after), in any spelling it takes (twilio.md 1.5). */
import { ApiError } from '#core/errors.ts'
import type { Form } from './form.ts'

const DAY_MS = 24 * 3_600_000

/** From (inclusive) and before (exclusive). A day without a time means the whole day, in UTC. */
export function readDates(query: Form, name: string): { sentFrom: Date | null; sentBefore: Date | null } {
  const [on, upTo, since] = [`${name}`, `${name}<`, `${name}>`].map((key) => readMoment(query.one(key), name))
  return {
    sentFrom: on?.from ?? since?.from ?? null,
    sentBefore: on?.before ?? upTo?.before ?? null,
  }
}

export function readMoment(text: string | null, name: string): { from: Date; before: Date } | null {
  if (text === null || text === '') return null
  const dayOnly = /^\d{4}-\d{2}-\d{2}$/.test(text)
  // ISO 8601, RFC 2822, `06/11/2019 22:05:25 MST` and `2019-06-11 22:05:25.000`: without a zone it is UTC.
  const zoned = /(Z|[+-]\d{2}:?\d{2}|[A-Z]{3,4})$/.test(text) ? text : dayOnly ? text : `${text}Z`
  const start = Date.parse(text.length > 64 ? '' : zoned)
  if (Number.isNaN(start))
    throw new ApiError('parameter_invalid', `Invalid ${name}: expected a date such as 2026-01-31`)
  // A list "up to" an instant includes it.
  return { from: new Date(start), before: new Date(start + (dayOnly ? DAY_MS : 1)) }
}
