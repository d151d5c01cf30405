import { Badge, Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertGroup, AlertPage, AlertRange } from '../../../src/console/contract/alerts.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { Explanation, ExplanationLink } from '../messages/code-box.tsx'
import { AlertLine } from './alert-line.tsx'
import styles from './debugger.module.css'

const t = texts.console.debugger

type AlertGroupCardProps = {
  group: AlertGroup
  range: AlertRange
  isOpen: boolean
  onToggle: (isOpen: boolean) => void
}

export const AlertGroupCard = ({ group, range, isOpen, onToggle }: AlertGroupCardProps) => {
  const { sid } = useAccount()
  const id = `alerts-${group.code}`
  return (
    <section className={card.card}>
      <h2 className={styles.heading}>
        <button
          type="button"
          className={styles.group}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => onToggle(!isOpen)}
        >
          <span className={styles.code}>{group.code}</span>
          <span className={styles.title}>{group.title}</span>
          {group.level === 'warning' && (
            <Badge variant="outline" color="gray">
              {t.warning}
            </Badge>
          )}
          <span className={styles.count}>{t.count(group.count)}</span>
          <span className={styles.mark} data-open={isOpen}>
            <Icon name="chevron" size={18} />
          </span>
        </button>
      </h2>
      <p className={styles.times}>
        {t.first} <Time at={group.firstAt} precise /> · {t.last} <Time at={group.lastAt} precise />
      </p>
      {isOpen && (
        <div id={id} className={styles.opened}>
          <div className={styles.explanation}>
            <Explanation error={group} />
            <ExplanationLink code={group.code} />
          </div>
          <Button
            component={Link}
            variant="light"
            size="xs"
            className={styles.messages ?? ''}
            {...({
              to: '/$accountSid/messages',
              params: { accountSid: sid },
              search: { code: String(group.code) },
            } as object)}
          >
            {t.messages}
          </Button>
          <Alerts code={group.code} range={range} />
        </div>
      )}
    </section>
  )
}

const Alerts = ({ code, range }: { code: number; range: AlertRange }) => {
  const { sid } = useAccount()
  const alerts = useInfiniteQuery({
    queryKey: ['alerts', sid, code, range],
    queryFn: ({ pageParam }) =>
      get<AlertPage>(`/accounts/${sid}/alerts?code=${code}&range=${range}&after=${pageParam}`),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    meta: { live: ['alert'] },
  })
  return (
    <section aria-label={t.openGroup(code)}>
      <Problem text={generalProblem(alerts.error)} />
      {alerts.data?.pages.flatMap(({ items }) => items.map((alert) => <AlertLine key={alert.sid} alert={alert} />))}
      {alerts.hasNextPage && (
        <Button
          m="md"
          variant="default"
          size="xs"
          loading={alerts.isFetchingNextPage}
          onClick={() => alerts.fetchNextPage()}
        >
          {texts.console.more}
        </Button>
      )}
    </section>
  )
}
