import { texts } from '../../texts/texts.ts'
import { sayDuration } from '../../ui/durations.ts'
import { useNow } from '../../ui/time.tsx'
import styles from './contacts.module.css'

const t = texts.console.contacts
const HOUR_MS = 3_600_000

/** How long the window is still open: counted down from when it was asked for, by the second in its last hour. */
export const WindowState = ({ windowMs, at }: { windowMs: number | null; at: number }) => {
  const now = useNow(windowMs !== null && windowMs > 0 && windowMs < HOUR_MS ? 1_000 : 30_000)
  if (windowMs === null) return <span className={styles.closed}>{t.windowNever}</span>
  const leftMs = windowMs - Math.max(0, now - at)
  if (leftMs <= 0) return <span className={styles.closed}>{t.windowClosed}</span>
  return <span className={styles.open}>{t.windowOpen(sayDuration(leftMs))}</span>
}
