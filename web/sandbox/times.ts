import { texts } from '../texts/texts.ts'
import { dayKeyOf } from './timeline.ts'

const clock = new Intl.DateTimeFormat(texts.locale, { hour: 'numeric', minute: '2-digit' })
const exact = new Intl.DateTimeFormat(texts.locale, { dateStyle: 'full', timeStyle: 'long' })
const dateTime = new Intl.DateTimeFormat(texts.locale, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
})
const weekday = new Intl.DateTimeFormat(texts.locale, { weekday: 'short' })
const shortDate = new Intl.DateTimeFormat(texts.locale, { day: 'numeric', month: 'short' })
const longDate = new Intl.DateTimeFormat(texts.locale, { weekday: 'long', day: 'numeric', month: 'long' })
const longDateOfYear = new Intl.DateTimeFormat(texts.locale, { dateStyle: 'full' })

/** Hours and minutes in the viewer's zone. */
export const clockTime = (at: Date): string => clock.format(at)

export const dateAndTime = (at: Date): string => dateTime.format(at)

/** To the second, with the zone, and the same instant as logs write it. */
export const exactTime = (at: Date): string => `${exact.format(at)}\n${at.toISOString()}`

const daysBefore = (now: Date, days: number): string =>
  dayKeyOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - days))

export const dayName = (at: Date, now: Date): string => {
  const key = dayKeyOf(at)
  if (key === daysBefore(now, 0)) return texts.today
  if (key === daysBefore(now, 1)) return texts.yesterday
  return (at.getFullYear() === now.getFullYear() ? longDate : longDateOfYear).format(at)
}

/** For lists: the time today, the weekday within a week, else the date. */
export const briefTime = (at: Date, now: Date): string => {
  const key = dayKeyOf(at)
  if (key === daysBefore(now, 0)) return clock.format(at)
  if (key > daysBefore(now, 7)) return weekday.format(at)
  return shortDate.format(at)
}
