/** When a message shall be sent, as the caller asks for it (twilio.md 1.7). Throws `ApiError` for a time that cannot be. */
import { isDay } from '#core/days.ts'
import { ApiError } from '#core/errors.ts'
import { msUntil } from '#store/scheduled.ts'
import type { Flow } from './flow.ts'

const MIN_AHEAD_MS = 15 * 60_000
const MAX_AHEAD_MS = 35 * 24 * 3_600_000

/** ISO 8601 with a zone, at least to the minute. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/i

export type ScheduleRequest = {
  scheduleType?: string | null
  sendAt?: string | null
  /** Also the one that came as `From`. */
  messagingServiceSid?: string | null
}

/** Null: at once. */
export function readSchedule({ scheduleType, sendAt, messagingServiceSid }: ScheduleRequest): Date | null {
  if (!scheduleType && !sendAt) return null
  // A message that should have waited must not leave at once.
  if (!messagingServiceSid) throw new ApiError('schedule_needs_service')
  if (scheduleType?.toLowerCase() !== 'fixed') throw new ApiError('schedule_type_invalid')
  if (!sendAt) throw new ApiError('send_at_missing')
  // JavaScript would make 1 December of 31 November.
  const at = new Date(MOMENT.test(sendAt) && isDay(sendAt.slice(0, 10)) ? sendAt.toUpperCase() : Number.NaN)
  if (Number.isNaN(at.getTime())) throw new ApiError('send_at_invalid')
  return at
}

/** By the store's clock. */
export async function checkSchedule(flow: Flow, accountSid: string, at: Date): Promise<void> {
  const aheadMs = await msUntil(flow.sql, at)
  if (!(aheadMs >= MIN_AHEAD_MS && aheadMs <= MAX_AHEAD_MS)) throw new ApiError('send_at_invalid')
  if (await flow.directory.isScheduleFull(accountSid)) throw new ApiError('too_many_scheduled')
}
