import { Button, Loader, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { ContactPage } from '../../../src/console/contract/contacts.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { PageSelect } from '../page-select.tsx'
import { queryOf, useAddress } from '../use-address.ts'
import { ContactLine } from './contact-line.tsx'
import styles from './contacts.module.css'

const t = texts.console.contacts
const LIVE_PAGES = 3

export const ContactsPage = () => {
  const account = useAccount()
  const [search, change] = useAddress()
  const filter = { search: search.search, sender: search.sender }
  const length = useRef(1)
  const contacts = useInfiniteQuery({
    queryKey: ['contacts', account.sid, filter],
    queryFn: ({ pageParam }) =>
      get<ContactPage>(`/accounts/${account.sid}/contacts?${queryOf({ ...filter, after: pageParam })}`),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    // Each page is asked for anew: of a long list that would be much, once a second.
    meta: { live: length.current <= LIVE_PAGES ? ['message'] : [] },
    placeholderData: (before) => before,
  })
  const rows = contacts.data?.pages.flatMap(({ items }) => items) ?? []
  const pages = contacts.data?.pages ?? []
  length.current = pages.length
  const searched = pages.reduce((sum, page) => sum + (page.searched ?? 0), 0)
  const isFiltered = Boolean(search.search || search.sender)
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead} />
      <search className={styles.filters}>
        <Find given={search.search ?? ''} onFind={(text) => change({ search: text })} />
        <PageSelect />
      </search>
      <Problem text={generalProblem(contacts.error)} />
      {contacts.isPending && <Loader m="xl" aria-label={texts.console.loading} />}
      {rows.length === 0 && contacts.data !== undefined && !contacts.hasNextPage && (
        <Notice heading={isFiltered ? t.nothingHeading : t.emptyHeading} text={isFiltered ? t.nothing : t.empty}>
          {!isFiltered && (
            <Button component="a" href={`/${account.sid}/overview`} variant="default">
              {texts.console.messages.toOverview}
            </Button>
          )}
        </Notice>
      )}
      {rows.length > 0 && (
        <ul className={`${card.card} ${styles.list}`} aria-label={t.table}>
          {rows.map((contact) => (
            <ContactLine key={contact.id} contact={contact} at={contacts.dataUpdatedAt} />
          ))}
        </ul>
      )}
      <div className={styles.more}>
        {searched > 0 && <span>{t.searched(searched)}</span>}
        {contacts.hasNextPage && (
          <Button variant="default" loading={contacts.isFetchingNextPage} onClick={() => contacts.fetchNextPage()}>
            {pages.at(-1)?.searched == null ? texts.console.more : t.searchFurther}
          </Button>
        )}
        {rows.length > 0 && !contacts.hasNextPage && !isFiltered && <span>{t.notListed}</span>}
      </div>
    </>
  )
}

const Find = ({ given, onFind }: { given: string; onFind: (text: string) => void }) => {
  const [typed, setTyped] = useState(given)
  useEffect(() => setTyped(given), [given])
  const apply = useDebouncedCallback(onFind, 300)
  return (
    <TextInput
      className={styles.find ?? ''}
      aria-label={t.search}
      placeholder={t.search}
      leftSection={<Icon name="search" size={16} />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        apply(event.currentTarget.value)
      }}
    />
  )
}
