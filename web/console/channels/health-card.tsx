import { Button, Loader, VisuallyHidden } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { FindingView, Health, SenderView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { call, generalProblem, may } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import styles from './channels.module.css'
import { LevelMark } from './level-mark.tsx'
import { instanceQuery, messengerPath } from './queries.ts'
import { TestDialog } from './test-dialog.tsx'

const t = texts.console.instance

/** What needs somebody first. */
const ORDER = { bad: 0, warning: 1, info: 2, good: 3 }

/** What the doctor found, and what can be done at once. */
export const HealthCard = ({ sender }: { sender: SenderView }) => {
  const account = useAccount()
  const client = useQueryClient()
  const [testing, setTesting] = useState(false)
  const { queryKey } = instanceQuery(account.sid, sender.sid)
  const path = `${messengerPath(account.sid)}/senders/${sender.sid}`
  const mayAct = may(account, 'configure') && account.status === 'active'
  const { health } = sender

  const check = useMutation({
    mutationFn: () => call<Health>('POST', `${path}/check`),
    onSettled: () => client.invalidateQueries({ queryKey: ['channels', account.sid] }),
  })
  const subscribe = useMutation({
    mutationFn: () => call<SenderView>('POST', `${path}/subscribe`),
    onSuccess: (changed) => {
      client.setQueryData(queryKey, changed)
      notifications.show({ message: t.subscribed })
      check.mutate()
    },
  })
  const { mutate } = check
  const isFirst = health === null && mayAct
  useEffect(() => {
    if (isFirst) mutate()
  }, [isFirst, mutate])

  const findings = [...(health?.findings ?? [])].sort((one, other) => ORDER[one.level] - ORDER[other.level])
  const isDead = findings.some(({ check: name, level }) => name === 'token' && level === 'bad')
  const isCut =
    sender.status === 'OFFLINE' ||
    findings.some(({ check: name, level }) => name === 'subscription' && level !== 'good')
  return (
    <section className={styles.section} aria-busy={check.isPending}>
      <div className={styles.head}>
        <h2>{t.health}</h2>
        <span className={styles.soft}>
          {health !== null && (
            <>
              {t.checked} <Time at={health.checkedAt} ago />.{' '}
            </>
          )}
          {t.healthEvery}
        </span>
      </div>
      <div className={styles.body}>
        <Problem text={generalProblem(check.error ?? subscribe.error)} />
        {health === null && (
          <p className={styles.soft}>
            {check.isPending ? (
              <>
                <Loader size={14} /> {t.healthChecking}
              </>
            ) : (
              t.healthNever
            )}
          </p>
        )}
        {findings.length > 0 && (
          <ul className={styles.findings}>
            {findings.map((finding) => (
              <Finding key={finding.check} finding={finding} />
            ))}
          </ul>
        )}
        {mayAct && (
          <div className={styles.actions}>
            <Button variant="default" onClick={() => check.mutate()} loading={check.isPending}>
              {t.checkNow}
            </Button>
            <Button variant="default" onClick={() => setTesting(true)}>
              {t.test}
            </Button>
            {isCut && !isDead && (
              <Button onClick={() => subscribe.mutate()} loading={subscribe.isPending}>
                {t.subscribe}
              </Button>
            )}
          </div>
        )}
      </div>
      <TestDialog sender={sender} opened={testing} onClose={() => setTesting(false)} />
    </section>
  )
}

const Finding = ({ finding: { level, text, advice, at } }: { finding: FindingView }) => (
  <li className={styles.finding}>
    <LevelMark level={level} text="" />
    <div>
      <p>
        <VisuallyHidden component="span">{t.levels[level]}: </VisuallyHidden>
        {text} {at !== undefined && <Time at={at} ago />}
      </p>
      {advice !== null && (
        <p className={styles.soft}>
          {t.todo} {advice}
        </p>
      )}
    </div>
  </li>
)
