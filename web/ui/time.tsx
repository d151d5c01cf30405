import { useEffect, useState } from 'react'
import { texts } from '../texts/texts.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const withMilliseconds = { hour: 'numeric', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 } as const
const exact = new Intl.DateTimeFormat(texts.locale, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  ...withMilliseconds,
  timeZoneName: 'short',
})
const instant = new Intl.DateTimeFormat(texts.locale, withMilliseconds)
const dayAndInstant = new Intl.DateTimeFormat(texts.locale, { day: 'numeric', month: 'short', ...withMilliseconds })
const clock = new Intl.DateTimeFormat(texts.locale, { hour: 'numeric', minute: '2-digit' })
const seconds = new Intl.DateTimeFormat(texts.locale, { hour: 'numeric', minute: '2-digit', second: '2-digit' })
const dayAndClock = new Intl.DateTimeFormat(texts.locale, {
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
})
const fullDay = new Intl.DateTimeFormat(texts.locale, { dateStyle: 'medium', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat(texts.locale, { numeric: 'auto', style: 'long' })

/** To the millisecond; with the day, unless it is that of `beside`. */
export const Instant = ({ at, beside = '' }: { at: string; beside?: string }) => {
  const date = new Date(at)
  const isSameDay = date.toDateString() === new Date(beside).toDateString()
  return (
    <time dateTime={at} title={exact.format(date)}>
      {(isSameDay ? instant : dayAndInstant).format(date)}
    </time>
  )
}

type TimeProps = {
  at: string
  ago?: boolean
  /** With seconds: for what happens quickly. */
  precise?: boolean
}

/** The instant in the viewer's zone: short in the text, exact when one hovers or asks. */
export const Time = ({ at, ago = false, precise = false }: TimeProps) => {
  const now = useNow(ago ? 20_000 : MINUTE_MS)
  const date = new Date(at)
  return (
    <time dateTime={at} title={exact.format(date)}>
      {ago ? sayAgo(date, now) : sayShort(date, now, precise)}
    </time>
  )
}

/** The time now, told anew every so often. */
export const useNow = (everyMs: number): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

const sayShort = (date: Date, now: number, precise: boolean): string => {
  const today = new Date(now)
  if (date.toDateString() === today.toDateString()) return (precise ? seconds : clock).format(date)
  return date.getFullYear() === today.getFullYear() ? dayAndClock.format(date) : fullDay.format(date)
}

const sayAgo = (date: Date, now: number): string => {
  const ms = date.getTime() - now
  const size = Math.abs(ms)
  if (size < MINUTE_MS) return relative.format(Math.round(ms / 1000), 'second')
  if (size < 60 * MINUTE_MS) return relative.format(Math.round(ms / MINUTE_MS), 'minute')
  if (size < DAY_MS) return relative.format(Math.round(ms / (60 * MINUTE_MS)), 'hour')
  return relative.format(Math.round(ms / DAY_MS), 'day')
}
