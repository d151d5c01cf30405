import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { SenderRow } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, may } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { Confirm } from '../settings/people-dialogs.tsx'
import styles from './channels.module.css'
import { LevelMark } from './level-mark.tsx'
import { catalogueQuery, channelsPath, instancesQuery } from './queries.ts'

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
      {may(account, 'configure') && instances.data !== undefined && <UninstallCard senders={senders.length} />}
    </>
  )
}

/** Only of what is installed, and has no Pages any more: each of them goes by its own name. */
const UninstallCard = ({ senders }: { senders: number }) => {
  const account = useAccount()
  const client = useQueryClient()
  const navigate = useNavigate()
  const catalogue = useQuery(catalogueQuery(account.sid))
  const [asking, setAsking] = useState(false)
  const uninstall = useMutation({
    mutationFn: () => call<void>('DELETE', `${channelsPath(account.sid)}/messenger/install`),
    onSuccess: async () => {
      notifications.show({ message: t.uninstalled })
      await navigate({ to: `/${account.sid}/channels` as string })
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['channels', account.sid] }),
  })
  if (!catalogue.data?.some(({ name, installed }) => name === 'messenger' && installed)) return null
  return (
    <section className={styles.section}>
      <h2>{t.uninstallCard}</h2>
      <div className={styles.body}>
        <p className={styles.soft} id="uninstall-why">
          {senders > 0 ? t.uninstallFirst(senders) : t.uninstallLead}
        </p>
        <Problem text={generalProblem(uninstall.error)} />
        <div>
          <Button
            variant="outline"
            color="red"
            disabled={senders > 0}
            aria-describedby="uninstall-why"
            loading={uninstall.isPending}
            onClick={() => setAsking(true)}
          >
            {t.uninstall}
          </Button>
        </div>
      </div>
      <Confirm
        opened={asking}
        title={t.uninstallHeading}
        text={t.uninstallText}
        action={t.uninstallDo}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false)
          uninstall.mutate()
        }}
      />
    </section>
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
