import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { MessageRow } from '../../../src/console/contract/messages.ts'
import type { SenderChoice } from '../../../src/console/contract/overview.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Time } from '../../ui/time.tsx'
import { useAccount } from '../frame/use-account.ts'
import { pageName } from '../senders.ts'
import styles from './message-list.module.css'
import { StatusBadge } from './status-badge.tsx'

const t = texts.console

type MessageLineProps = {
  row: MessageRow
  index: number
  /** Of all rows that are known: most of them do not exist in the document. */
  count: number
  top: number
  height: number
  senders: readonly SenderChoice[] | undefined
  isTabStop: boolean
  onFocus: (sid: string) => void
}

export const MessageLine = memo((props: MessageLineProps) => {
  const { row, index, count, top, height, senders, isTabStop, onFocus } = props
  const accountSid = useAccount().sid
  const isIn = row.direction === 'inbound'
  return (
    <li
      className={styles.line}
      aria-posinset={index + 1}
      aria-setsize={count}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <Link
        to="/$accountSid/messages/$sid"
        params={{ accountSid, sid: row.sid }}
        className={styles.row}
        data-sid={row.sid}
        tabIndex={isTabStop ? 0 : -1}
        onFocus={() => onFocus(row.sid)}
        preload={false}
      >
        <span className={styles.time}>
          <Time at={row.createdAt} precise />
        </span>
        <span className={styles.person} title={row.person}>
          {row.personName ?? row.person}
        </span>
        <span className={styles.page}>{pageName(senders, row.senderSid, row.page)}</span>
        <span className={styles.text}>
          <span className={styles.way} data-in={isIn} title={t.seeing.direction[row.direction]}>
            <Icon name={isIn ? 'into' : 'outOf'} size={16} />
            <span className={styles.hidden}>{isIn ? t.messages.incoming : t.messages.outgoing}</span>
          </span>
          {row.numMedia > 0 && <span className={styles.media}>{t.seeing.attachments(row.numMedia)}</span>}
          <span className={styles.words}>{row.body}</span>
        </span>
        <span className={styles.status}>
          <StatusBadge status={row.status} />
          {row.errorCode !== null && <span className={styles.code}>{row.errorCode}</span>}
        </span>
      </Link>
    </li>
  )
})
MessageLine.displayName = 'MessageLine'
