import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useLayoutEffect, useRef } from 'react'
import type { ThreadMessage, ThreadPage } from '../../../src/console/contract/contacts.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { generalProblem, get } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { MediaFile } from '../messages/media-file.tsx'
import { StatusBadge } from '../messages/status-badge.tsx'
import styles from './contacts.module.css'

const t = texts.console.contacts
const NEAR_END_PX = 60

export const threadKey = (accountSid: string, contactId: string) => ['thread', accountSid, contactId]

/** What was said, the oldest on top. Stays at the newest, and where one reads when earlier ones come. */
export const Thread = ({ contactId }: { contactId: string }) => {
  const { sid } = useAccount()
  const thread = useInfiniteQuery({
    queryKey: threadKey(sid, contactId),
    queryFn: ({ pageParam }) => get<ThreadPage>(`/accounts/${sid}/contacts/${contactId}/messages?after=${pageParam}`),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    meta: { live: ['message'] },
  })
  const said = (thread.data?.pages.flatMap(({ items }) => items) ?? []).toReversed()
  const scroller = useRef<HTMLElement>(null)
  const place = useRef<{ fromEnd: number; isAtEnd: boolean }>({ fromEnd: 0, isAtEnd: true })
  const newest = said.at(-1)?.sid
  const oldest = said[0]?.sid
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each message above or below the place is kept
  useLayoutEffect(() => {
    const box = scroller.current
    if (!box) return
    box.scrollTop = place.current.isAtEnd ? box.scrollHeight : box.scrollHeight - place.current.fromEnd
  }, [newest, oldest])
  const remember = () => {
    const box = scroller.current
    if (!box) return
    const fromEnd = box.scrollHeight - box.scrollTop
    place.current = { fromEnd, isAtEnd: fromEnd - box.clientHeight < NEAR_END_PX }
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={styles.thread} ref={scroller} onScroll={remember} tabIndex={0} aria-label={t.thread}>
      <Problem text={generalProblem(thread.error)} />
      <div className={styles.older}>
        {thread.hasNextPage ? (
          <Button
            size="compact-sm"
            variant="default"
            loading={thread.isFetchingNextPage}
            onClick={() => {
              place.current.isAtEnd = false
              void thread.fetchNextPage()
            }}
          >
            {t.older}
          </Button>
        ) : (
          thread.data !== undefined && t.beginning
        )}
      </div>
      <ol className={styles.said}>
        {said.map((message) => (
          <Said key={message.sid} message={message} />
        ))}
      </ol>
    </section>
  )
}

const Said = ({ message }: { message: ThreadMessage }) => {
  const { sid: accountSid } = useAccount()
  const { sid, direction, body, media, status, errorText, createdAt } = message
  const isIn = direction === 'inbound'
  return (
    <li className={styles.message} data-mine={!isIn}>
      <div className={styles.bubble}>
        {body}
        {media.map((file, nth) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: files have their place in the message, and no other name
          <MediaFile key={nth} file={file} />
        ))}
      </div>
      <Link
        className={styles.meta}
        to="/$accountSid/messages/$sid"
        params={{ accountSid, sid }}
        preload={false}
        title={texts.console.seeing.direction[direction]}
      >
        <Time at={createdAt} />
        {!isIn && <StatusBadge status={status} />}
        {errorText !== null && <span className={styles.bad}>{errorText}</span>}
      </Link>
    </li>
  )
}
