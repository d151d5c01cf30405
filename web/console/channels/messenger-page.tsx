import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SenderRow } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { generalProblem, may } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import styles from './channels.module.css'
import { LevelMark } from './level-mark.tsx'
import { instancesQuery } from './queries.ts'

const t = texts.console.messenger

/** The Pages of the account, and how many more it may have. */
export const MessengerPage = () => {
  const account = useAccount()
  const instances = useQuery(instancesQuery(account.sid))
  const { senders = [], limit = 0 } = instances.data ?? {}
  const mayAdd = may(account, 'configure') && account.status === 'active'
  const here = `/${account.sid}/channels/messenger`
  const isFull = limit > 0 && senders.length >= limit
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead}>
        <Button component={Link} to={`${here}/apps` as string} variant="default">
          {t.apps}
        </Button>
        {mayAdd && !isFull && (
          <Button component={Link} to={`${here}/new` as string} leftSection={<Icon name="plus" size={16} />}>
            {senders.length === 0 ? t.add : t.addAnother}
          </Button>
        )}
      </PageTitle>
      <Problem text={generalProblem(instances.error)} />
      {limit > 0 && (
        <p className={styles.used}>
          <strong>{t.used(senders.length, limit)}</strong>
          <span className={styles.bar} aria-hidden="true">
            <span style={{ width: `${(100 * senders.length) / limit}%` }} />
          </span>
          <span className={styles.soft}>{isFull ? t.full : t.usedHint}</span>
        </p>
      )}
      {instances.data !== undefined && senders.length === 0 && <Notice heading={t.emptyHeading} text={t.empty} />}
      {senders.length > 0 && (
        <ul className={`${card.card} ${styles.list}`}>
          {senders.map((sender) => (
            <Row key={sender.sid} sender={sender} to={`${here}/${sender.sid}`} />
          ))}
        </ul>
      )}
    </>
  )
}

const Row = ({ sender, to }: { sender: SenderRow; to: string }) => {
  const { name, uniqueName, pageId, callbackUrl, service, status, health } = sender
  return (
    <li>
      <Link className={styles.rowLink} to={to as string}>
        <Avatar name={name} kind="page" size={36} />
        <span className={card.grow}>
          <span className={styles.name}>{name}</span>
          {uniqueName !== null && <span className={card.soft}> · {uniqueName}</span>}
          <span className={card.soft} style={{ display: 'block' }}>
            messenger:{pageId} · {callbackUrl ?? t.noCallback}
            {service !== null && ` · ${t.inService(service)}`}
          </span>
        </span>
        {status === 'ONLINE' ? (
          <LevelMark level={health?.level ?? 'none'} text={health === null ? t.notChecked : t.levels[health.level]} />
        ) : (
          <LevelMark level="bad" text={t.statuses[status]} />
        )}
      </Link>
    </li>
  )
}
