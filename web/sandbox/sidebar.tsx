import { ActionIcon, Button } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { Person, SandboxState, Thread } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { ColorSchemeToggle } from '../ui/color-scheme-toggle.tsx'
import { Icon } from '../ui/icons.tsx'
import { PersonSwitcher } from './person-switcher.tsx'
import { hrefOf } from './place.ts'
import styles from './sidebar.module.css'
import { ThreadEntry } from './thread-entry.tsx'

const t = texts.sandbox

type SidebarProps = {
  state: SandboxState
  person: Person
  pageId: string | null
  threads: UseQueryResult<Thread[]>
  bePerson: (id: string) => void
  openPage: (id: string) => void
  openDialog: (dialog: 'about' | 'person' | 'page') => void
}

export const Sidebar = ({ state, person, pageId, threads, bePerson, openPage, openDialog }: SidebarProps) => {
  const known = threads.data ?? []
  const chats = known.filter(({ lastMessage }) => lastMessage !== null)
  const others = state.pages.filter(({ id }) => !chats.some(({ page }) => page.id === id))
  const hrefTo = (id: string) => hrefOf({ person: person.id, page: id, link: null })
  const connected = (id: string) => state.pages.find((page) => page.id === id)?.subscribed ?? true
  return (
    <aside className={styles.sidebar}>
      <header className={styles.head}>
        <div className={styles.brand}>
          <h1>{t.title}</h1>
          <p>{t.subtitle}</p>
        </div>
        <ColorSchemeToggle />
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t.about}
          title={t.about}
          onClick={() => openDialog('about')}
        >
          <Icon name="info" />
        </ActionIcon>
      </header>
      <PersonSwitcher
        people={state.people}
        person={person}
        bePerson={bePerson}
        addPerson={() => openDialog('person')}
      />
      <nav className={styles.list} aria-label={t.threads}>
        {threads.isError && threads.data === undefined && (
          <p className={styles.hint} role="alert">
            {threads.error.message}{' '}
            <Button variant="subtle" size="compact-sm" onClick={() => threads.refetch()}>
              {texts.tryAgain}
            </Button>
          </p>
        )}
        {(chats.length > 0 || threads.isSuccess) && <h2>{t.threads}</h2>}
        {threads.isSuccess && chats.length === 0 && state.pages.length > 0 && (
          <p className={styles.hint}>{t.noThreads}</p>
        )}
        {state.pages.length === 0 && <p className={styles.hint}>{t.noPages}</p>}
        <ul>
          {chats.map((thread) => (
            <ThreadEntry
              key={thread.page.id}
              page={thread.page}
              thread={thread}
              connected={connected(thread.page.id)}
              open={thread.page.id === pageId}
              href={hrefTo(thread.page.id)}
              openPage={openPage}
            />
          ))}
        </ul>
        {threads.isSuccess && others.length > 0 && (
          <>
            <h2>{chats.length > 0 ? t.otherPages : t.pages}</h2>
            <ul>
              {others.map((page) => (
                <ThreadEntry
                  key={page.id}
                  page={page}
                  connected={page.subscribed}
                  open={page.id === pageId}
                  href={hrefTo(page.id)}
                  openPage={openPage}
                />
              ))}
            </ul>
          </>
        )}
      </nav>
      <footer className={styles.foot}>
        <Button
          fullWidth
          variant="default"
          leftSection={<Icon name="plus" size={18} />}
          onClick={() => openDialog('page')}
        >
          {t.addPage}
        </Button>
      </footer>
    </aside>
  )
}
