import { Button, Group, Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { EventReplayed, EventRow } from '../../../src/console/contract/events.ts'
import type { SenderChoice } from '../../../src/console/contract/overview.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Instant, Time } from '../../ui/time.tsx'
import { call, generalProblem, may } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { pageName } from '../senders.ts'
import styles from './events.module.css'

const t = texts.console.events

type EventLineProps = {
  row: EventRow
  senders: readonly SenderChoice[] | undefined
  isOpen: boolean
  onToggle: (isOpen: boolean) => void
}

export const EventLine = ({ row, senders, isOpen, onToggle }: EventLineProps) => (
  <li className={styles.event}>
    <button
      type="button"
      className={styles.head}
      aria-expanded={isOpen}
      aria-controls={`event-${row.id}`}
      onClick={() => onToggle(!isOpen)}
    >
      <span className={styles.time}>
        <Time at={row.receivedAt} precise />
      </span>
      <span className={styles.kind}>{row.kind}</span>
      <span className={styles.page}>{pageName(senders, row.senderSid ?? '', row.page)}</span>
      <span className={styles.note}>
        {row.note.charAt(0).toUpperCase() + row.note.slice(1)}
        {row.replayed && <span className={styles.replayed}> {t.replayedBy(row.replayed.by)}</span>}
      </span>
      <span className={styles.mark} data-open={isOpen}>
        <Icon name="chevron" size={16} />
      </span>
    </button>
    {isOpen && (
      <div className={styles.details} id={`event-${row.id}`}>
        <p>
          {t.atMeta}: <Instant at={row.happenedAt} /> · {t.received}: <Instant at={row.receivedAt} />
        </p>
        <p>
          {texts.console.seeing.page}: <code>messenger:{row.page}</code>
          {row.person !== null && (
            <>
              {' '}
              · {texts.console.messages.person}: <Person row={row} address={row.person} />
            </>
          )}
        </p>
        <Again row={row} />
        <CopyField label={texts.console.message.event.raw} value={JSON.stringify(row.raw, null, 2)} block />
      </div>
    )}
  </li>
)

const Person = ({ row, address }: { row: EventRow; address: string }) => {
  const { sid } = useAccount()
  const name = <code>messenger:{address}</code>
  if (row.senderSid === null || row.isStray) return name
  return (
    <Link
      to="/$accountSid/contacts/$id"
      params={{ accountSid: sid, id: `${row.senderSid}-${address}` }}
      preload={false}
    >
      {name}
    </Link>
  )
}

/** What became of it when somebody asked for it, how to ask, or why nothing can. */
const Again = ({ row: { id, obstacle, replayed } }: { row: EventRow }) => {
  const account = useAccount()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const again = useMutation({
    mutationFn: () => call<EventReplayed>('POST', `/accounts/${account.sid}/events/${id}/replay`, {}),
    onSuccess: async () => {
      setAsking(false)
      notifications.show({ title: texts.console.replay.done, message: t.done })
      await client.invalidateQueries({ queryKey: ['events', account.sid] })
    },
  })
  if (replayed) {
    return (
      <p>
        {t.replayedBy(replayed.by)} <Time at={replayed.at} precise />.{' '}
        {replayed.madeSid !== null && (
          <Link
            to="/$accountSid/messages/$sid"
            params={{ accountSid: account.sid, sid: replayed.madeSid }}
            preload={false}
          >
            {texts.console.message.madeOpen}
          </Link>
        )}
      </p>
    )
  }
  if (obstacle !== null) return <p>{t.notReplayed(obstacle)}</p>
  if (!may(account, 'configure')) return null
  return (
    <>
      <Button
        className={styles.again ?? ''}
        variant="default"
        size="xs"
        leftSection={<Icon name="again" size={14} />}
        onClick={() => setAsking(true)}
      >
        {t.replay}
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t.replay}>
        <p style={{ marginTop: 0 }}>{t.replayText}</p>
        <Problem text={generalProblem(again.error)} />
        <Group>
          <Button loading={again.isPending} onClick={() => again.mutate()} data-autofocus>
            {texts.console.replay.confirm.inbound}
          </Button>
          <Button variant="default" onClick={() => setAsking(false)}>
            {texts.cancel}
          </Button>
        </Group>
      </Modal>
    </>
  )
}
