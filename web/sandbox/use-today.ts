import { useEffect, useState } from 'react'
import { dayKeyOf } from './timeline.ts'

/** A window may stay open over midnight: the same instant all day long, then the next day's. */
export const useToday = (): Date => {
  const [today, setToday] = useState(() => new Date())
  useEffect(() => {
    const timer = window.setInterval(() => {
      const now = new Date()
      setToday((before) => (dayKeyOf(before) === dayKeyOf(now) ? before : now))
    }, 60_000)
    return () => window.clearInterval(timer)
  }, [])
  return today
}
