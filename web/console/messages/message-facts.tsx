import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { MessageDetail } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Time } from '../../ui/time.tsx'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import styles from './message-page.module.css'

const t = texts.console.message

export const MessageFacts = ({ message }: { message: MessageDetail }) => {
  const account = useAccount()
  const { sid, senderSid, senderName, page, person, personName, direction, tags } = message
  const pageFact = `${senderName ?? ''} messenger:${page}`.trim()
  const personFact = `${personName ?? ''} messenger:${person}`.trim()
  const isIn = direction === 'inbound'
  return (
    <section className={`${card.card} ${card.inner}`}>
      <CopyField label={t.sid} value={sid} />
      <dl className={styles.facts} style={{ marginTop: 14 }}>
        <Fact name={t.from}>{isIn ? personFact : pageFact}</Fact>
        <Fact name={t.to}>{isIn ? pageFact : personFact}</Fact>
        {message.sendAt !== null && (
          <Fact name={t.scheduledFor}>
            <Time at={message.sendAt} />
          </Fact>
        )}
        {message.serviceSid !== null && <Fact name={t.service}>{message.serviceSid}</Fact>}
        {message.statusCallbackUrl !== null && <Fact name={t.statusCallback}>{message.statusCallbackUrl}</Fact>}
        {tags !== null && (
          <Fact name={t.tags}>
            {Object.entries(tags)
              .map(([name, value]) => `${name}: ${value}`)
              .join(', ')}
          </Fact>
        )}
      </dl>
      <p style={{ margin: '14px 0 0', fontSize: 14 }}>
        <Link
          to="/$accountSid/contacts/$id"
          params={{ accountSid: account.sid, id: `${senderSid}-${person}` }}
          preload={false}
        >
          {t.conversation}
        </Link>
      </p>
    </section>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
