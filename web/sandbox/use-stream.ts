/**
 * Keeps what is here in step with the server's stream of events. Whenever the connection opens, everything is fetched
 * once, as events may have been missed before.
 */
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { StreamEvent, ThreadDetail } from '../../src/sandbox/contract.ts'
import { streamUrl } from './api.ts'
import type { Outbox } from './outbox.ts'
import { withLastMessage, withMessage } from './thread-cache.ts'
import { changeThread, changeThreads, threadKey, threadsKey, useOutbox } from './threads.ts'

const REOPEN_AFTER_MS = 2_000
const REFRESH_AFTER_MS = 100
/** Typing ends by itself after 20 s (meta.md 2.7). */
const TYPING_LASTS_MS = 20_000

const eventOf = (data: string): StreamEvent | undefined => {
  try {
    return JSON.parse(data) as StreamEvent
  } catch {
    return undefined
  }
}

/** Answers whether the connection is lost at the moment. */
export const useStream = (personId: string): boolean => {
  const client = useQueryClient()
  const outbox = useOutbox()
  const [lost, setLost] = useState(false)

  useEffect(() => {
    const follower = follow(personId, client, outbox)
    let source: EventSource
    let reopenTimer: number | undefined
    const open = () => {
      source = new EventSource(streamUrl(personId))
      source.onopen = () => {
        setLost(false)
        void client.invalidateQueries()
        outbox.retryUnreached()
      }
      source.onmessage = ({ data }) => {
        const event = eventOf(String(data))
        if (event !== undefined) follower.take(event)
      }
      source.onerror = () => {
        setLost(true)
        // The browser reconnects by itself, except after an answer that is not a stream.
        if (source.readyState === EventSource.CLOSED) reopenTimer = window.setTimeout(open, REOPEN_AFTER_MS)
      }
    }
    open()
    // A short loss of the network need not end the stream.
    window.addEventListener('online', outbox.retryUnreached)
    return () => {
      window.removeEventListener('online', outbox.retryUnreached)
      source.close()
      window.clearTimeout(reopenTimer)
      follower.stop()
      setLost(false)
    }
  }, [personId, client, outbox])

  return lost
}

const follow = (personId: string, client: QueryClient, outbox: Outbox) => {
  let refreshTimer: number | undefined
  const typingTimers = new Map<string, number>()

  /** Unread counts come from the server: one fetch for many events in a row. */
  const refreshThreads = () => {
    refreshTimer ??= window.setTimeout(() => {
      refreshTimer = undefined
      void client.invalidateQueries({ queryKey: threadsKey(personId) })
    }, REFRESH_AFTER_MS)
  }

  const setTyping = (pageId: string, typing: boolean) => {
    window.clearTimeout(typingTimers.get(pageId))
    if (typing)
      typingTimers.set(
        pageId,
        window.setTimeout(() => setTyping(pageId, false), TYPING_LASTS_MS),
      )
    changeThread(client, { pageId, personId }, (thread) => ({ ...thread, typing }))
  }

  const take = (event: StreamEvent) => {
    if (event.type === 'state') void client.invalidateQueries()
    if (event.type === 'typing') setTyping(event.pageId, event.on)
    if (event.type === 'message') {
      const lane = { pageId: event.pageId, personId }
      const known = client
        .getQueryData<ThreadDetail>(threadKey(lane))
        ?.messages.some(({ mid }) => mid === event.message.mid)
      if (event.message.from === 'person' && known === false) outbox.settle(lane, event.message)
      changeThread(client, lane, (thread) => withMessage(thread, event.message))
      changeThreads(client, personId, (threads) => withLastMessage(threads, event.pageId, event.message))
      refreshThreads()
    }
  }

  const stop = () => {
    window.clearTimeout(refreshTimer)
    for (const timer of typingTimers.values()) window.clearTimeout(timer)
  }

  return { take, stop }
}
