import { Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ContactDetail } from '../../../src/console/contract/contacts.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Time } from '../../ui/time.tsx'
import { generalProblem, get, may } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import messageStyles from '../messages/message-page.module.css'
import styles from './contacts.module.css'
import { ReplyBox } from './reply-box.tsx'
import { Thread } from './thread.tsx'
import { WindowState } from './window-state.tsx'

const t = texts.console.contacts

/** One person at one Page: what was said, whether they can be written to, and an answer. */
export const ContactPage = () => {
  const account = useAccount()
  const { id = '' } = useParams({ strict: false })
  const contact = useQuery({
    queryKey: ['contact', account.sid, id],
    queryFn: () => get<ContactDetail>(`/accounts/${account.sid}/contacts/${id}`),
    meta: { live: ['message', 'sender'] },
    // The window closes without a word.
    refetchInterval: 30_000,
    retry: false,
  })
  if (contact.isPending) return <Loader m="xl" aria-label={texts.console.loading} />
  if (!contact.data) return <Notice heading={texts.console.failedHeading} text={generalProblem(contact.error) ?? ''} />
  const person = contact.data
  const { name, address, pageName } = person
  return (
    <div className={styles.page}>
      <Link to="/$accountSid/contacts" params={{ accountSid: account.sid }} className={messageStyles.back}>
        <Icon name="back" size={16} />
        {t.back}
      </Link>
      <PageTitle
        title={name ?? t.unnamed}
        account={account.name}
        lead={
          <span className={messageStyles.lead}>
            <WindowState windowMs={person.windowMs} at={contact.dataUpdatedAt} />
            <span>{t.at(pageName)}</span>
            {person.lastActionAt !== null && (
              <span>
                {t.lastAction} <Time at={person.lastActionAt} ago />
              </span>
            )}
            <span>
              {t.address} <code>{address}</code>
            </span>
            <Link
              to="/$accountSid/messages"
              params={{ accountSid: account.sid }}
              search={{ person: address, sender: person.senderSid } as never}
            >
              {t.messages}
            </Link>
            <Link
              to="/$accountSid/events"
              params={{ accountSid: account.sid }}
              search={{ person: address, sender: person.senderSid } as never}
            >
              {t.events}
            </Link>
          </span>
        }
      />
      <State person={person} />
      <Thread key={id} contactId={id} />
      {may(account, 'reply') ? (
        <ReplyBox key={id} contactId={id} person={person} />
      ) : (
        <p className={styles.soft}>{t.noReply}</p>
      )}
    </div>
  )
}

/** Why nothing would reach them. */
const State = ({ person }: { person: ContactDetail }) => {
  const { sid } = useAccount()
  const { optedOutAt, optedOutBy, unreachableAt, unreachableBy } = person
  return (
    <>
      {optedOutAt !== null && (
        <p className={styles.state} role="status">
          {t.optedOutText} {t.since} <Time at={optedOutAt} />.{' '}
          {optedOutBy && (
            <>
              {t.optedOutBy}{' '}
              <Link to="/$accountSid/messages/$sid" params={{ accountSid: sid, sid: optedOutBy.sid }}>
                “{optedOutBy.body}”
              </Link>
              .
            </>
          )}
        </p>
      )}
      {unreachableAt !== null && (
        <p className={styles.state} role="status">
          {t.unreachableText} {t.since} <Time at={unreachableAt} />.{' '}
          {unreachableBy && (
            <Link to="/$accountSid/messages/$sid" params={{ accountSid: sid, sid: unreachableBy.sid }}>
              {t.seeWhy}
            </Link>
          )}
        </p>
      )}
    </>
  )
}
