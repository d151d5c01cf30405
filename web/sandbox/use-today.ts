import { useEffect, useState } from 'react'
import { dayKeyOf } from './timeline.ts'

/**
 * A window may stay open over midnight: the same instant all day long, then the next day's. `aheadMs`: how far the
 * pretend time is ahead.
 */
export const useToday = (aheadMs: number): Date => {
  const [today, setToday] = useState(() => new Date(Date.now() + aheadMs))
  useEffect(() => {
    const look = () => {
      const now = new Date(Date.now() + aheadMs)
      setToday((before) => (dayKeyOf(before) === dayKeyOf(now) ? before : now))
    }
    look()
    const timer = window.setInterval(look, 60_000)
    return () => window.clearInterval(timer)
  }, [aheadMs])
  return today
}
