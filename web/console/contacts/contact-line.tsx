import { Link } from '@tanstack/react-router'
import type { ContactRow } from '../../../src/console/contract/contacts.ts'
import { texts } from '../../texts/texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Time } from '../../ui/time.tsx'
import { useAccount } from '../frame/use-account.ts'
import styles from './contacts.module.css'
import { WindowState } from './window-state.tsx'

const t = texts.console.contacts

/** `at`: when it was asked for. */
export const ContactLine = ({ contact, at }: { contact: ContactRow; at: number }) => {
  const { sid } = useAccount()
  const { id, name, address, pageName, last, optedOutAt, unreachableAt } = contact
  const words = last && (last.body || texts.console.seeing.attachments(last.numMedia))
  return (
    <li className={styles.line}>
      <Avatar name={name ?? '?'} kind="person" size={36} />
      <div className={styles.who}>
        <Link to="/$accountSid/contacts/$id" params={{ accountSid: sid, id }} className={styles.link} preload={false}>
          {name ?? t.unnamed}
        </Link>
        <span className={styles.soft}>{name === null ? `${address} ${t.at(pageName)}` : t.at(pageName)}</span>
      </div>
      <div className={styles.last}>{last && (last.direction === 'inbound' ? words : t.you(words ?? ''))}</div>
      <div className={styles.states}>
        {optedOutAt !== null && <span className={styles.bad}>{t.optedOut}</span>}
        {unreachableAt !== null && <span className={styles.bad}>{t.unreachable}</span>}
        <WindowState windowMs={contact.windowMs} at={at} />
      </div>
      <div className={styles.time}>{last && <Time at={last.at} />}</div>
    </li>
  )
}
