import { Button, Loader, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import type { Overview, OverviewRange } from '../../../src/console/contract/overview.ts'
import { texts } from '../../texts/texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { FirstReply } from '../first-reply.tsx'
import { useAccount } from '../frame/use-account.ts'
import { PageSelect } from '../page-select.tsx'
import { shellQuery } from '../shell.ts'
import { queryOf, useAddress } from '../use-address.ts'
import styles from './overview.module.css'
import { PagesTable } from './pages-table.tsx'
import { Tiles } from './tiles.tsx'

const t = texts.console.overview
const RANGES = Object.keys(t.ranges) as OverviewRange[]
/** Counts move with each message; the figures of a month need not be drawn anew with each. */
const STALE_MS: Record<OverviewRange, number> = { hour: 0, day: 5_000, month: 30_000 }

const ActivityCharts = lazy(() => import('./activity-charts.tsx'))

/** How an account is doing; and how to get a first reply while nothing has been said yet. */
export const OverviewPage = () => {
  const account = useAccount()
  const [search, change] = useAddress()
  const range = RANGES.find((each) => each === search.range) ?? 'day'
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const shell = useQuery(shellQuery)
  const overview = useQuery({
    queryKey: ['overview', account.sid, range, search.sender ?? ''],
    queryFn: () =>
      get<Overview>(`/accounts/${account.sid}/overview?${queryOf({ range, zone, sender: search.sender })}`),
    meta: { live: ['message', 'alert', 'sender'] },
    staleTime: STALE_MS[range],
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  })
  const { data } = overview
  const isFresh = data?.isFresh === true
  return (
    <>
      <PageTitle title={t.title} account={account.name}>
        {data && !isFresh && (
          <>
            <PageSelect />
            <SegmentedControl
              aria-label={t.range}
              value={range}
              onChange={(value) => change({ range: value === 'day' ? '' : value })}
              data={RANGES.map((value) => ({ value, label: t.ranges[value] }))}
            />
          </>
        )}
      </PageTitle>
      <Problem text={generalProblem(overview.error ?? shell.error)} />
      {overview.isPending && <Loader m="xl" aria-label={texts.console.loading} />}
      {isFresh && data.pages.length === 0 && (
        <Notice heading={t.unconnectedHeading} text={t.unconnected}>
          <Button component="a" href={`/${account.sid}/channels`}>
            {t.connect}
          </Button>
        </Notice>
      )}
      {isFresh && data.pages.length > 0 && shell.data !== undefined && <FirstReply shell={shell.data} />}
      {data && !isFresh && (
        <>
          <Tiles overview={data} />
          <section className={`${card.card} ${card.inner}`}>
            <div className={styles.charts} data-failed={data.totals.failed > 0}>
              <Suspense fallback={null}>
                <ActivityCharts overview={data} range={range} />
              </Suspense>
            </div>
          </section>
          <PagesTable pages={data.pages} />
        </>
      )}
    </>
  )
}
