import { Button } from '@mantine/core'
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react'
import type { ThreadDetail } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Icon } from '../ui/icons.tsx'
import type { ChatActions } from './chat-actions.ts'
import { EmptyChat } from './empty-chat.tsx'
import styles from './message-list.module.css'
import { MessageRow } from './message-row.tsx'
import type { Unsent } from './outbox.ts'
import { QuickReplies } from './quick-replies.tsx'
import { timelineOf } from './timeline.ts'
import { dayName } from './times.ts'
import { TypingDots } from './typing-dots.tsx'
import { UnsentRow } from './unsent-row.tsx'
import { useAheadMs } from './use-dial.ts'
import { useStickToBottom } from './use-stick-to-bottom.ts'
import { useToday } from './use-today.ts'

const t = texts.sandbox

type MessageListProps = {
  thread: ThreadDetail
  unsent: Unsent[]
  actions: ChatActions
}

/** The whole chat is one tab stop, the newest message at first; arrow keys go from message to message. */
export const MessageList = ({ thread, unsent, actions }: MessageListProps) => {
  const { messages, page, typing } = thread
  const { scroller, content, atBottom, toBottom } = useStickToBottom()
  const today = useToday(useAheadMs())
  const rows = useMemo(() => timelineOf(messages), [messages])
  const newest = messages.at(-1)
  const [activeMid, setActiveMid] = useState<string | null>(null)
  const tabStop = activeMid ?? newest?.mid
  const activate = useCallback((mid: string) => setActiveMid(mid), [])
  const newestOfPage = messages.findLast(({ from }) => from === 'page')?.mid
  const [seenMid, setSeenMid] = useState(newestOfPage)

  useEffect(() => {
    if (atBottom) setSeenMid(newestOfPage)
  }, [atBottom, newestOfPage])

  const newestUnsentId = unsent.at(-1)?.id
  useLayoutEffect(() => {
    if (newestUnsentId !== undefined) toBottom()
  }, [newestUnsentId, toBottom])

  const quickReplies = newest?.from === 'page' && !thread.blocked && unsent.length === 0 ? newest.quickReplies : []

  return (
    <div className={styles.frame}>
      <div className={styles.scroller} ref={scroller} data-at-bottom={atBottom}>
        <div className={styles.content} ref={content}>
          {messages.length === 0 && unsent.length === 0 && <EmptyChat thread={thread} send={actions.send} />}
          <ol className={styles.list} aria-label={t.messages(page.name)} onKeyDown={moveBetweenMessages}>
            {rows.map((row) =>
              row.kind === 'day' ? (
                <li key={row.key} className={styles.day}>
                  {dayName(row.at, today)}
                </li>
              ) : (
                <MessageRow
                  key={row.key}
                  message={row.message}
                  first={row.first}
                  last={row.last}
                  tabStop={row.message.mid === tabStop}
                  pageName={page.name}
                  actions={actions}
                  activate={activate}
                />
              ),
            )}
            {unsent.map((item) => (
              <UnsentRow key={item.id} item={item} actions={actions} />
            ))}
          </ol>
          {typing && <TypingDots pageName={page.name} />}
          {quickReplies.length > 0 && <QuickReplies replies={quickReplies} send={actions.send} />}
        </div>
      </div>
      {!atBottom && (
        <div className={styles.toNewest}>
          <Button
            variant="default"
            radius="xl"
            size="compact-md"
            leftSection={<Icon name="down" size={16} />}
            onClick={toBottom}
          >
            {seenMid === newestOfPage ? t.toNewest : t.newMessages}
          </Button>
        </div>
      )}
    </div>
  )
}

const moveBetweenMessages = (event: KeyboardEvent<HTMLOListElement>) => {
  // Keys in a message's menu arrive here too, as React lets events pass through portals.
  if (!(event.target instanceof Element) || !event.currentTarget.contains(event.target)) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('li[data-mid]')]
  const at = rows.findIndex((row) => row.contains(event.target as Element))
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key]
  if (at === -1 || to === undefined) return
  event.preventDefault()
  rows[Math.max(0, Math.min(to, rows.length - 1))]?.focus()
}
