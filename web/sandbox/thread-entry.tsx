import type { Page, Thread, ThreadMessage } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Avatar } from '../ui/avatar.tsx'
import { gistOf } from './gist.ts'
import styles from './thread-entry.module.css'
import { briefTime, exactTime } from './times.ts'
import { useAheadMs } from './use-dial.ts'

const t = texts.sandbox

const gistLine = (message: ThreadMessage): string =>
  message.from === 'person' && !message.takenBack ? t.mine(gistOf(message)) : gistOf(message)

type ThreadEntryProps = {
  page: Pick<Page, 'id' | 'name'>
  /** Absent while nothing has been said. */
  thread?: Thread
  connected: boolean
  open: boolean
  href: string
  openPage: (id: string) => void
}

export const ThreadEntry = ({ page, thread, connected, open, href, openPage }: ThreadEntryProps) => {
  const last = thread?.lastMessage ?? null
  const aheadMs = useAheadMs()
  const unread = thread?.unread ?? 0
  return (
    <li>
      <a
        className={styles.entry}
        href={href}
        aria-current={open ? 'page' : undefined}
        data-unread={unread > 0}
        data-page-id={page.id}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          openPage(page.id)
        }}
      >
        <Avatar name={page.name} kind="page" size={44} />
        <span className={styles.words}>
          <span className={styles.line}>
            <span className={styles.name}>{page.name}</span>
            {last !== null && (
              <time className={styles.time} dateTime={last.sentAt} title={exactTime(new Date(last.sentAt))}>
                {briefTime(new Date(last.sentAt), new Date(Date.now() + aheadMs))}
              </time>
            )}
          </span>
          <span className={styles.line}>
            <span className={styles.gist}>{last === null ? t.startChat : gistLine(last)}</span>
            {unread > 0 ? (
              <span className={styles.unread} role="img" aria-label={t.unread(unread)}>
                {unread > 99 ? '99+' : unread}
              </span>
            ) : (
              !connected && <span className={styles.state}>{t.notConnected}</span>
            )}
          </span>
        </span>
      </a>
    </li>
  )
}
