import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Person, SandboxState } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Notice } from '../ui/notice.tsx'
import { AboutPanel } from './about-panel.tsx'
import { AddPage, AddPerson } from './add-name.tsx'
import { Chat } from './chat.tsx'
import styles from './messenger.module.css'
import { rememberPerson } from './remembered-person.ts'
import { Sidebar } from './sidebar.tsx'
import { useThreads } from './threads.ts'
import { goTo } from './use-place.ts'
import { useStream } from './use-stream.ts'

const t = texts.sandbox

const isWide = () => window.matchMedia('(min-width: 900px)').matches

type MessengerProps = { state: SandboxState; person: Person; pageId: string | null }

/** Both columns, for one person. Narrow windows show one of them: the chat when a Page is chosen, else the list. */
export const Messenger = ({ state, person, pageId }: MessengerProps) => {
  const client = useQueryClient()
  const lost = useStream(person.id)
  const threads = useThreads(person.id)
  const [dialog, setDialog] = useState<'about' | 'person' | 'page' | null>(null)
  const onlyPageId = state.pages.length === 1 ? state.pages[0]!.id : null

  useEffect(() => {
    rememberPerson(person.id)
    // In a wide window, with one Page alone, there is nothing to choose.
    goTo({ person: person.id, page: pageId ?? (isWide() ? onlyPageId : null), link: null }, 'replace')
  }, [person.id, pageId, onlyPageId])

  const page = state.pages.find(({ id }) => id === pageId)
  const unread = threads.data?.reduce((sum, thread) => sum + thread.unread, 0) ?? 0
  useEffect(() => {
    document.title = t.windowTitle(person.name, page?.name ?? t.title, unread)
  }, [person.name, page?.name, unread])

  const bePerson = (id: string) => goTo({ person: id, page: pageId, link: null })
  const openPage = (id: string | null) => goTo({ person: person.id, page: id, link: null })
  const close = () => setDialog(null)

  return (
    <div className={styles.messenger} data-view={pageId === null ? 'list' : 'chat'}>
      <Sidebar
        state={state}
        person={person}
        pageId={pageId}
        threads={threads}
        bePerson={bePerson}
        openPage={openPage}
        openDialog={setDialog}
      />
      <main className={styles.chat}>
        {pageId === null ? (
          <Notice
            heading={state.pages.length === 0 ? t.noPagesHeading : t.chooseHeading}
            text={state.pages.length === 0 ? t.noPages : t.choose}
          />
        ) : (
          <Chat
            key={`${person.id} ${pageId}`}
            person={person}
            pageId={pageId}
            page={page}
            back={() => openPage(null)}
          />
        )}
      </main>
      {lost && (
        <div className={styles.lost} role="status">
          {t.reconnecting}
        </div>
      )}
      <AboutPanel opened={dialog === 'about'} close={close} state={state} />
      <AddPerson opened={dialog === 'person'} close={close} added={({ id }) => bePerson(id)} />
      <AddPage
        opened={dialog === 'page'}
        close={close}
        added={({ id }) => {
          void client.invalidateQueries()
          openPage(id)
        }}
      />
    </div>
  )
}
