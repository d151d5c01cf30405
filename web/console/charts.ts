import { texts } from '../texts/texts.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How a step of time is named below a chart: by the clock, with the day where there are several, or by the day. */
export const stepFormat = (stepMs: number): ((at: Date) => string) => {
  const format = new Intl.DateTimeFormat(
    texts.locale,
    stepMs >= DAY_MS
      ? { day: 'numeric', month: 'short' }
      : stepMs > HOUR_MS
        ? { day: 'numeric', month: 'short', hour: 'numeric' }
        : { hour: 'numeric', minute: '2-digit' },
  )
  return (at) => format.format(at)
}
