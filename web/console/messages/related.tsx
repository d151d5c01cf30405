import { Link } from '@tanstack/react-router'
import type { MessageDetail, MessageRow } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import styles from './message-page.module.css'
import { StatusBadge } from './status-badge.tsx'

const t = texts.console.message

/** The message that this one answers or repeats, and those that it caused. */
export const Related = ({ message: { cause, effects } }: { message: MessageDetail }) => {
  if (cause === null && effects.length === 0) return null
  return (
    <section className={`${card.card} ${card.inner}`}>
      <h2>{t.relatedHeading}</h2>
      {cause && <RelatedMessage row={cause} what={cause.direction === 'inbound' ? t.answers : t.repeats} />}
      {effects.map((row) => (
        <RelatedMessage key={row.sid} row={row} what={t.caused} />
      ))}
    </section>
  )
}

const RelatedMessage = ({ row, what }: { row: MessageRow; what: string }) => {
  const { sid } = useAccount()
  return (
    <Link
      to="/$accountSid/messages/$sid"
      params={{ accountSid: sid, sid: row.sid }}
      className={styles.related}
      preload={false}
    >
      <span className={styles.relatedHead}>
        {what} <StatusBadge status={row.status} />
      </span>
      <div className={styles.relatedBody}>{row.body || texts.console.seeing.attachments(row.numMedia)}</div>
    </Link>
  )
}
