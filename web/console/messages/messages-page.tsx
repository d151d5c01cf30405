import { Button, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { generalProblem, may } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { useIsLost } from '../live.ts'
import { sendersQuery } from '../senders.ts'
import { queryOf, useAddress } from '../use-address.ts'
import { filterOf, isFiltered } from './log-filter.ts'
import { MessageFilters } from './message-filters.tsx'
import { MessageList } from './message-list.tsx'
import styles from './messages-page.module.css'
import { ReplayAll } from './replay-all.tsx'
import { useLog, type Visible } from './use-log.ts'

const t = texts.console.messages

export const MessagesPage = () => {
  const account = useAccount()
  const [search, change] = useAddress()
  const filter = filterOf(search)
  const senders = useQuery(sendersQuery(account.sid))
  const scroller = useRef<HTMLDivElement>(null)
  const visible = useRef<Visible>({ atTop: true, first: 0, last: 0 })
  const log = useLog(account.sid, filter, visible)
  const isLost = useIsLost()
  const [replaying, setReplaying] = useState(search.replay !== undefined)
  const rows = log.page?.items ?? []
  const more = () => {
    if (log.hasNextPage && !log.isFetching && log.page?.searchedTo === null) void log.fetchNextPage()
  }
  const showNew = async () => {
    scroller.current?.scrollTo({ top: 0 })
    await log.showNew()
  }
  return (
    <div className={styles.page}>
      <PageTitle
        title={t.title}
        account={account.name}
        lead={
          <>
            {isLost ? texts.console.seeing.notLive : t.lead}{' '}
            <Link to="/$accountSid/events" params={{ accountSid: account.sid }}>
              {texts.console.events.link}
            </Link>
          </>
        }
      >
        {may(account, 'configure') && (
          <Button
            variant="default"
            leftSection={<Icon name="again" size={16} />}
            disabled={rows.length === 0}
            onClick={() => setReplaying(true)}
          >
            {texts.console.replay.menu}…
          </Button>
        )}
        <Button
          component="a"
          variant="default"
          leftSection={<Icon name="down" size={16} />}
          href={`/console/api/accounts/${account.sid}/messages.csv?${queryOf(filter)}`}
          download
        >
          {t.export}
        </Button>
      </PageTitle>
      <MessageFilters search={search} onChange={change} />
      <Problem text={generalProblem(log.error)} />
      <p id="log-keyboard" hidden>
        {t.keyboard}
      </p>
      {rows.length === 0 && log.page !== undefined && log.page.searchedTo === null ? (
        <Empty isFiltered={isFiltered(search)} accountSid={account.sid} />
      ) : (
        <div className={styles.list}>
          {log.waiting > 0 && (
            <Button className={styles.fresh} size="compact-sm" radius="xl" onClick={showNew}>
              {t.fresh}
            </Button>
          )}
          <MessageList
            rows={rows}
            senders={senders.data}
            visible={visible}
            onEnd={more}
            scroller={scroller}
            footer={
              <Footer
                isLoading={log.isLoading || log.isFetchingNextPage}
                searchedTo={log.page?.searchedTo ?? null}
                hasMore={log.hasNextPage}
                isKnown={log.page !== undefined}
                onMore={() => log.fetchNextPage()}
              />
            }
          />
        </div>
      )}
      <ReplayAll
        opened={replaying}
        filter={filter}
        batchId={search.replay}
        onBatch={(id) => change({ replay: id })}
        onClose={() => {
          setReplaying(false)
          change({ replay: '' })
        }}
      />
    </div>
  )
}

const Empty = ({ isFiltered: filtered, accountSid }: { isFiltered: boolean; accountSid: string }) =>
  filtered ? (
    <Notice heading={t.nothingHeading} text={t.nothing} />
  ) : (
    <Notice heading={t.emptyHeading} text={t.empty}>
      <Button component="a" href={`/${accountSid}/overview`} variant="default">
        {t.toOverview}
      </Button>
    </Notice>
  )

type FooterProps = {
  isLoading: boolean
  searchedTo: string | null
  hasMore: boolean
  isKnown: boolean
  onMore: () => void
}

/** How far the list goes: a search through millions of messages does not go through all of them by itself. */
const Footer = ({ isLoading, searchedTo, hasMore, isKnown, onMore }: FooterProps) => (
  <div className={styles.footer}>
    {isLoading && <Loader size="sm" aria-label={isKnown ? t.searching : texts.console.loading} />}
    {!isLoading && searchedTo !== null && (
      <>
        <span>
          {t.searchedTo} <Time at={searchedTo} precise />
        </span>
        <Button size="compact-sm" variant="default" onClick={onMore}>
          {t.searchFurther}
        </Button>
      </>
    )}
    {!isLoading && isKnown && !hasMore && <span>{t.end}</span>}
  </div>
)
