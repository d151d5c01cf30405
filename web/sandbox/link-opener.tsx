import { Button, Loader } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Page, Person, ThreadDetail } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Notice } from '../ui/notice.tsx'
import { start } from './api.ts'
import { threadKey } from './threads.ts'
import { goTo } from './use-place.ts'

const t = texts.sandbox

type LinkOpenerProps = {
  people: Person[]
  /** Who follows the link; undefined when that has to be asked. */
  person: Person | undefined
  page: Page
  linkRef: string | null
}

/** Starts that have been asked for: one link, followed once, tells the Page once, however often this renders. */
const starts = new Map<string, Promise<ThreadDetail>>()

/** Follows a link to a Page as m.me would, then leaves the link's address for the chat's. */
export const LinkOpener = ({ people, person, page, linkRef }: LinkOpenerProps) => {
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  const pageId = page.id
  const personId = person?.id

  useEffect(() => {
    if (personId === undefined) return
    let gone = false
    const key = JSON.stringify([personId, pageId, linkRef, attempt])
    const starting = starts.get(key) ?? start(pageId, personId, linkRef)
    starts.set(key, starting)
    starting.then(
      (thread) => {
        starts.delete(key)
        client.setQueryData(threadKey({ pageId, personId }), thread)
        if (!gone) goTo({ person: personId, page: pageId, link: null }, 'replace')
      },
      (error: Error) => {
        if (!gone) setProblem(error.message)
      },
    )
    return () => {
      gone = true
    }
  }, [client, personId, pageId, linkRef, attempt])

  if (personId === undefined) {
    return (
      <Notice heading={t.whoOpens(page.name)} text={t.aboutWindows}>
        {people.map((one) => (
          <Button
            key={one.id}
            variant="default"
            size="md"
            leftSection={<Avatar name={one.name} kind="person" pictureUrl={one.pictureUrl} size={24} />}
            onClick={() => goTo({ person: one.id, page: pageId, link: { ref: linkRef } }, 'replace')}
          >
            {one.name}
          </Button>
        ))}
      </Notice>
    )
  }
  if (problem === null) return <Notice heading={t.title} text={t.loading} icon={<Loader size="sm" />} />
  const again = () => {
    setProblem(null)
    setAttempt((count) => count + 1)
  }
  return (
    <Notice heading={t.startFailed} text={problem}>
      <Button onClick={again}>{texts.tryAgain}</Button>
      <Button variant="default" onClick={() => goTo({ person: personId, page: null, link: null })}>
        {t.backToChats}
      </Button>
    </Notice>
  )
}
