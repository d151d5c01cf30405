import { Button, Loader } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { texts } from '../texts/texts.ts'
import { Notice } from '../ui/notice.tsx'
import { AddPerson } from './add-name.tsx'
import { LinkOpener } from './link-opener.tsx'
import { Messenger } from './messenger.tsx'
import { personToBe, rememberPerson } from './remembered-person.ts'
import { OutboxContext, outboxFor, useSandboxState } from './threads.ts'
import { goTo, usePlace } from './use-place.ts'

const t = texts.sandbox

export const App = () => {
  const client = useQueryClient()
  const [outbox] = useState(() => outboxFor(client))
  return (
    <OutboxContext value={outbox}>
      <Page />
    </OutboxContext>
  )
}

const Page = () => {
  const place = usePlace()
  const state = useSandboxState()
  const [adding, setAdding] = useState(false)

  if (state.data === undefined) {
    if (state.error === null) return <Notice heading={t.title} text={t.loading} icon={<Loader size="sm" />} />
    return (
      <Notice heading={t.failedHeading} text={state.error.message}>
        <Button onClick={() => state.refetch()} loading={state.isFetching}>
          {texts.tryAgain}
        </Button>
      </Notice>
    )
  }

  const { people } = state.data
  if (people.length === 0) {
    return (
      <Notice heading={t.noPeopleHeading} text={t.noPeople}>
        <Button onClick={() => setAdding(true)}>{t.addPerson}</Button>
        <AddPerson
          opened={adding}
          close={() => setAdding(false)}
          added={({ id }) => {
            rememberPerson(id)
            goTo({ ...place, person: id }, 'replace')
          }}
        />
      </Notice>
    )
  }

  const person = personToBe(people, place)
  if (place.link !== null && place.page !== null) {
    const page = state.data.pages.find(({ id }) => id === place.page)
    if (page !== undefined) return <LinkOpener people={people} person={person} page={page} linkRef={place.link.ref} />
    return (
      <Notice heading={t.pageGoneHeading} text={t.pageGone}>
        <Button variant="default" onClick={() => goTo({ ...place, page: null, link: null })}>
          {t.backToChats}
        </Button>
      </Notice>
    )
  }
  return <Messenger state={state.data} person={person ?? people[0]!} pageId={place.page} />
}
