import { useEffect, useState } from 'react'
import type { Page } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Icon } from '../ui/icons.tsx'
import styles from './dial.module.css'
import { dateAndTime } from './times.ts'
import { troubleCount, useClock, useFaults } from './use-dial.ts'

const t = texts.dial
const REDRAW_MS = 10_000

/** Says above the chat that things go wrong on purpose, or that it is later than one thinks. */
export const DialHint = ({ page, open }: { page: Page | undefined; open: () => void }) => {
  const clock = useClock()
  const count = troubleCount(useFaults(), page)
  const [, redraw] = useState(0)
  const isMoved = clock !== undefined && clock.offsetMs > 0
  useEffect(() => {
    if (!isMoved) return
    const timer = window.setInterval(() => redraw((number) => number + 1), REDRAW_MS)
    return () => window.clearInterval(timer)
  }, [isMoved])
  if (count === 0 && !isMoved) return null
  return (
    <div className={styles.banner} role="status">
      {count > 0 && (
        <strong>
          <Icon name="alert" size={16} /> {t.active(count)}
        </strong>
      )}
      {isMoved && (
        <span>
          <Icon name="clock" size={16} /> {t.pretend(dateAndTime(clock.nowAt()))}
        </span>
      )}
      <button type="button" onClick={open}>
        {t.change}
      </button>
    </div>
  )
}
