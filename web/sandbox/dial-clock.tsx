import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { texts } from '../texts/texts.ts'
import { advanceClock } from './api.ts'
import styles from './dial.module.css'
import { dateAndTime } from './times.ts'
import { useClock, type useDialChange } from './use-dial.ts'

const t = texts.dial
const HOUR_MS = 3_600_000

/** `1 day 2 hours`; nothing smaller than minutes. */
const spanOf = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000)
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60]
  const words = [days > 0 && t.days(days), hours > 0 && t.hours(hours), rest > 0 && t.minutes(rest)]
  return words.filter((word) => word !== false).join(' ') || t.lessThanAMinute
}

export const DialClock = ({ change }: { change: ReturnType<typeof useDialChange> }) => {
  const clock = useClock()
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = window.setInterval(() => tick((count) => count + 1), 1000)
    return () => window.clearInterval(timer)
  }, [])
  return (
    <section>
      <h3>{t.clock}</h3>
      {clock !== undefined && (
        <p className={styles.time}>
          <time dateTime={clock.nowAt().toISOString()}>{dateAndTime(clock.nowAt())}</time>
          <span>{clock.offsetMs > 0 ? t.ahead(spanOf(clock.offsetMs)) : t.realTime}</span>
        </p>
      )}
      <div className={styles.advances}>
        {t.advances.map(({ label, spoken, hours }) => (
          <Button
            key={label}
            variant="default"
            aria-label={spoken}
            disabled={change.isPending}
            onClick={() => change.mutate(() => advanceClock(hours * HOUR_MS))}
          >
            {label}
          </Button>
        ))}
      </div>
      <p className={styles.hint}>{t.clockHint}</p>
    </section>
  )
}
