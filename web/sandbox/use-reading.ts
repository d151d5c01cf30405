import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ThreadDetail } from '../../src/sandbox/contract.ts'
import { markRead } from './api.ts'
import type { Lane } from './outbox.ts'
import { newestUnreadMid, withReadUpTo, withThreadRead } from './thread-cache.ts'
import { changeThread, changeThreads } from './threads.ts'

const RETRY_AFTER_MS = 3_000

const isLooking = () => document.visibilityState === 'visible' && document.hasFocus()

/** Whether somebody has this window before their eyes: it is visible and has the focus. */
const useLooking = (): boolean => {
  const [looking, setLooking] = useState(isLooking)
  useEffect(() => {
    const check = () => setLooking(isLooking())
    check()
    document.addEventListener('visibilitychange', check)
    window.addEventListener('focus', check)
    window.addEventListener('blur', check)
    return () => {
      document.removeEventListener('visibilitychange', check)
      window.removeEventListener('focus', check)
      window.removeEventListener('blur', check)
    }
  }, [])
  return looking
}

/** Tells the server that the person has read the open chat, as often as something unread is before their eyes. */
export const useReading = ({ pageId, personId }: Lane, thread: ThreadDetail | undefined): void => {
  const client = useQueryClient()
  const looking = useLooking()
  const mid = thread === undefined ? undefined : newestUnreadMid(thread)
  useEffect(() => {
    if (!looking || mid === undefined) return
    let retryTimer: number | undefined
    let over = false
    const tell = async () => {
      try {
        await markRead(pageId, personId)
        const readAt = new Date().toISOString()
        changeThread(client, { pageId, personId }, (now) => withReadUpTo(now, mid, readAt))
        changeThreads(client, personId, (threads) => withThreadRead(threads, pageId))
      } catch {
        if (!over) retryTimer = window.setTimeout(tell, RETRY_AFTER_MS)
      }
    }
    void tell()
    return () => {
      over = true
      window.clearTimeout(retryTimer)
    }
  }, [client, looking, mid, pageId, personId])
}
