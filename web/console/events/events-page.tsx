import { Button, Loader } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EventPage } from '../../../src/console/contract/events.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import messageStyles from '../messages/message-page.module.css'
import { PageSelect } from '../page-select.tsx'
import { sendersQuery } from '../senders.ts'
import { queryOf, useAddress } from '../use-address.ts'
import { EventLine } from './event-line.tsx'
import styles from './events.module.css'

const t = texts.console.events

/** What came in and made no message, with the reason why not. */
export const EventsPage = () => {
  const account = useAccount()
  const [search, change] = useAddress()
  const filter = { sender: search.sender, person: search.person }
  const senders = useQuery(sendersQuery(account.sid))
  const events = useInfiniteQuery({
    queryKey: ['events', account.sid, filter],
    queryFn: ({ pageParam }) =>
      get<EventPage>(`/accounts/${account.sid}/events?${queryOf({ ...filter, after: pageParam })}`),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    meta: { live: ['message', 'sender'] },
    placeholderData: (before) => before,
  })
  const pages = events.data?.pages ?? []
  const rows = pages.flatMap(({ items }) => items)
  const isFiltered = Boolean(search.sender || search.person)
  return (
    <>
      <Link to="/$accountSid/messages" params={{ accountSid: account.sid }} className={messageStyles.back}>
        <Icon name="back" size={16} />
        {texts.console.message.back}
      </Link>
      <PageTitle title={t.title} account={account.name} lead={t.lead} />
      <search className={styles.filters}>
        <PageSelect />
        {search.person && (
          <Button
            variant="default"
            onClick={() => change({ person: '' })}
            rightSection={<Icon name="close" size={14} />}
          >
            {t.onlyOf(search.person)}
          </Button>
        )}
      </search>
      <Problem text={generalProblem(events.error)} />
      {events.isPending && <Loader m="xl" aria-label={texts.console.loading} />}
      {events.data !== undefined && rows.length === 0 && !events.hasNextPage && (
        <Notice
          heading={isFiltered ? t.nothingHeading : t.emptyHeading}
          text={isFiltered ? texts.console.messages.nothing : t.empty}
        />
      )}
      {rows.length > 0 && (
        <ul className={`${card.card} ${styles.list}`} aria-label={t.title}>
          {rows.map((row) => (
            <EventLine
              key={row.id}
              row={row}
              senders={senders.data}
              isOpen={search.event === row.id}
              onToggle={(isOpen) => change({ event: isOpen ? row.id : '' })}
            />
          ))}
        </ul>
      )}
      {events.hasNextPage && (
        <Button variant="default" loading={events.isFetchingNextPage} onClick={() => events.fetchNextPage()}>
          {pages.at(-1)?.isCut ? texts.console.messages.searchFurther : texts.console.more}
        </Button>
      )}
    </>
  )
}
