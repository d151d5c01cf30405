import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import type { MessageFilter, MessagePage } from '../../../src/console/contract/messages.ts'
import { get } from '../api.ts'
import { useChanges } from '../live.ts'
import { queryOf } from '../use-address.ts'
import { newerThanKnown, withFresh } from './log-pages.ts'

const PAGE_SIZE = 100

export type Visible = { atTop: boolean; first: number; last: number }

/** The log of a filter, kept in step with what happens. `visible` says what of it is looked at. */
export const useLog = (accountSid: string, filter: MessageFilter, visible: { current: Visible }) => {
  const client = useQueryClient()
  const [waiting, setWaiting] = useState(0)
  const queryKey = ['messages', accountSid, filter]
  const path = (more: Record<string, string | undefined>) =>
    `/accounts/${accountSid}/messages?${queryOf({ ...filter, ...more })}`
  const log = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => get<MessagePage>(path({ after: pageParam })),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })

  const known = (): MessagePage | undefined => {
    const data = client.getQueryData<InfiniteData<MessagePage, string>>(queryKey)
    const last = data?.pages.at(-1)
    return last && { ...last, items: data?.pages.flatMap(({ items }) => items) ?? [] }
  }
  const keep = (page: MessagePage) =>
    client.setQueryData<InfiniteData<MessagePage, string>>(queryKey, { pages: [page], pageParams: [''] })

  const running = useRef(false)
  const refresh = async (showAll: boolean) => {
    if (running.current || known() === undefined) return
    running.current = true
    try {
      const { atTop, first, last } = visible.current
      const hold = !atTop && !showAll
      const above = known()?.items[first - 1]
      const [newest, seen] = await Promise.all([
        get<MessagePage>(path({ limit: String(PAGE_SIZE) })),
        // What is looked at further down may have changed as well.
        hold && first >= PAGE_SIZE && above
          ? get<MessagePage>(path({ after: above.sid, limit: String(Math.min(PAGE_SIZE, last - first + 1)) }))
          : undefined,
      ])
      const before = known()
      if (!before) return
      setWaiting(hold ? newerThanKnown(before, newest) : 0)
      const merged = withFresh(before, newest, null, hold)
      keep(seen && above ? withFresh(merged, seen, above.sid) : merged)
    } catch {
      // The next word, or the next connection, asks again.
    } finally {
      running.current = false
    }
  }
  const latest = useRef(refresh)
  latest.current = refresh
  useChanges(
    'message',
    useCallback(() => void latest.current(false), []),
  )
  return { ...log, page: known(), waiting, showNew: () => refresh(true) }
}
