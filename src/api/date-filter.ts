/** Twilio's date filters: `Name`, `Name<` (on or before), `Name>` (on or after), in any spelling it takes (twilio.md 1.5). */
import { ApiError } from '#core/errors.ts'
import type { Form } from './form.ts'

const DAY_MS = 24 * 3_600_000

const DAY = /^\d{4}-\d\d-\d\d$/
const ZONE = '(?<zone>Z|[+-]\\d\\d:?\\d\\d|[A-Z]{2,4})'
const TIME = '\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?'
/** ISO 8601 also with a space, RFC 2822, `06/11/2019 22:05:25 MST`. */
const MOMENT = new RegExp(
  `^(\\d{4}-\\d\\d-\\d\\d[T ]${TIME}|([A-Z][a-z]{2}, ?)?\\d{1,2} [A-Z][a-z]{2} \\d{4} ${TIME}|\\d\\d/\\d\\d/\\d{4} ${TIME}) ?${ZONE}?$`,
)

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
  const dayOnly = DAY.test(text)
  const moment = MOMENT.exec(text)
  if (!dayOnly && !moment) throw invalid(name)
  // Without a zone it is UTC.
  const start = new Date(dayOnly || moment?.groups?.zone ? text : `${text}Z`)
  // Years that PostgreSQL reads as JavaScript writes them; also false for no date at all.
  if (!(start.getUTCFullYear() >= 1 && start.getUTCFullYear() < 9999)) throw invalid(name)
  // A list "up to" a second, as our own dates are written, includes all of it.
  const precisionMs = dayOnly ? DAY_MS : text.includes('.') ? 1 : 1000
  return { from: start, before: new Date(start.getTime() + precisionMs) }
}

const invalid = (name: string) =>
  new ApiError('parameter_invalid', `Invalid ${name}: expected a date such as 2026-01-31 or 2026-01-31T12:00:00Z`)
