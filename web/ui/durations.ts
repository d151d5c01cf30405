import { texts } from '../texts/texts.ts'

const format = (value: number, unit: string, digits: number): string =>
  new Intl.NumberFormat(texts.locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value)

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** In one unit, or two where one is too coarse: 12 ms, 1.4 s, 3 min 20 s, 5 h 12 min. */
export const sayDuration = (ms: number): string => {
  if (ms < SECOND_MS) return format(Math.round(ms), 'millisecond', 0)
  if (ms < MINUTE_MS) return format(ms / SECOND_MS, 'second', ms < 10 * SECOND_MS ? 1 : 0)
  if (ms < HOUR_MS) return pair(ms, MINUTE_MS, 'minute', SECOND_MS, 'second')
  if (ms < DAY_MS) return pair(ms, HOUR_MS, 'hour', MINUTE_MS, 'minute')
  return pair(ms, DAY_MS, 'day', HOUR_MS, 'hour')
}

const pair = (ms: number, largeMs: number, large: string, smallMs: number, small: string): string => {
  const rest = Math.floor((ms % largeMs) / smallMs)
  const first = format(Math.floor(ms / largeMs), large, 0)
  return rest === 0 ? first : `${first} ${format(rest, small, 0)}`
}
