import { Loader, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import type { AlertGroups, AlertRange } from '../../../src/console/contract/alerts.ts'
import { texts } from '../../texts/texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { useAddress } from '../use-address.ts'
import { AlertGroupCard } from './alert-group.tsx'
import styles from './debugger.module.css'

const t = texts.console.debugger
const RANGES = Object.keys(t.ranges) as AlertRange[]

/** The drawing of charts is as large as all the rest: it comes when it is needed. */
const AlertChart = lazy(() => import('./alert-chart.tsx'))

export const DebuggerPage = () => {
  const account = useAccount()
  const [search, change] = useAddress()
  const range = RANGES.find((each) => each === search.range) ?? 'day'
  const groups = useQuery({
    queryKey: ['alert-groups', account.sid, range],
    queryFn: () => get<AlertGroups>(`/accounts/${account.sid}/alerts/groups?range=${range}`),
    meta: { live: ['alert'] },
    placeholderData: (before) => before,
  })
  return (
    <>
      <PageTitle
        title={t.title}
        account={account.name}
        lead={
          <>
            {t.lead}{' '}
            <Link to="/$accountSid/errors" params={{ accountSid: account.sid }}>
              {texts.console.errorCodes.all}
            </Link>
          </>
        }
      >
        <SegmentedControl
          aria-label={t.range}
          value={range}
          onChange={(value) => change({ range: value === 'day' ? '' : value })}
          data={RANGES.map((value) => ({ value, label: t.ranges[value] }))}
          className={styles.ranges ?? ''}
        />
      </PageTitle>
      <Problem text={generalProblem(groups.error)} />
      {groups.isPending && <Loader m="xl" aria-label={texts.console.loading} />}
      {groups.data?.groups.length === 0 && <Notice heading={t.emptyHeading} text={t.empty(t.ranges[range])} />}
      {groups.data !== undefined && groups.data.groups.length > 0 && (
        <>
          <section className={`${card.card} ${card.inner}`} aria-label={t.chart}>
            <div className={styles.chart}>
              <Suspense fallback={null}>
                <AlertChart groups={groups.data} />
              </Suspense>
            </div>
          </section>
          {groups.data.groups.map((group) => (
            <AlertGroupCard
              key={`${group.code} ${group.level}`}
              group={group}
              range={range}
              isOpen={search.code === String(group.code)}
              onToggle={(isOpen) => change({ code: isOpen ? String(group.code) : '' })}
            />
          ))}
        </>
      )}
    </>
  )
}
