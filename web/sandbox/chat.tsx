import { ActionIcon, Button, Loader } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Page, Person, ThreadMessage } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Avatar } from '../ui/avatar.tsx'
import { RequestProblem } from '../ui/http.ts'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { setBlocked, takeBack } from './api.ts'
import { Arrivals } from './arrivals.tsx'
import styles from './chat.module.css'
import type { ChatActions } from './chat-actions.ts'
import { Composer } from './composer.tsx'
import { DialHint } from './dial-hint.tsx'
import { DialPanel } from './dial-panel.tsx'
import { MessageList } from './message-list.tsx'
import { PagePanel } from './page-panel.tsx'
import { isTooMuchSaid, REPLIES_AT_MOST, WITHIN_SECONDS } from './silence.ts'
import { withTakenBack } from './thread-cache.ts'
import { changeThread, useOutbox, useThread, useUnsent } from './threads.ts'
import { useReading } from './use-reading.ts'

const t = texts.sandbox

type ChatProps = { person: Person; pageId: string; page: Page | undefined; back: () => void }

export const Chat = ({ person, pageId, page, back }: ChatProps) => {
  const client = useQueryClient()
  const outbox = useOutbox()
  const lane = useMemo(() => ({ pageId, personId: person.id }), [pageId, person.id])
  const thread = useThread(lane)
  const unsent = useUnsent(lane)
  const [panelOpen, setPanelOpen] = useState(false)
  const [dialOpen, setDialOpen] = useState(false)
  const [replyTo, setReplyTo] = useState<ThreadMessage | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useReading(lane, thread.data)

  const actions = useMemo((): ChatActions => {
    const attempt = async (failure: string, act: () => Promise<void>) => {
      try {
        await act()
        setProblem(null)
      } catch (error) {
        setProblem(`${failure} ${error instanceof Error ? error.message : ''}`)
      }
    }
    return {
      send: (what) => void outbox.send(lane, what),
      takeBack: (mid) =>
        attempt(t.takeBackFailed, async () => {
          await takeBack(lane.pageId, lane.personId, mid)
          changeThread(client, lane, (now) => withTakenBack(now, mid))
        }),
      setBlocked: (blocked) =>
        attempt(t.blockFailed, async () => {
          await setBlocked(lane.pageId, lane.personId, blocked)
          changeThread(client, lane, (now) => ({ ...now, blocked }))
        }),
      reply: setReplyTo,
      showPage: () => setPanelOpen(true),
      retry: (id) => void outbox.retry(id),
      discard: outbox.discard,
    }
  }, [client, lane, outbox])

  const name = page?.name ?? thread.data?.page.name ?? ''
  const connected = page?.subscribed ?? true

  if (thread.data === undefined && thread.error !== null) {
    const gone = thread.error instanceof RequestProblem && thread.error.status === 404
    return (
      <Notice heading={t.pageGoneHeading} text={gone ? t.pageGone : thread.error.message}>
        {!gone && (
          <Button onClick={() => thread.refetch()} loading={thread.isFetching}>
            {texts.tryAgain}
          </Button>
        )}
        <Button variant="default" onClick={back}>
          {t.backToChats}
        </Button>
      </Notice>
    )
  }

  return (
    <>
      <header className={styles.head}>
        <span className={styles.back}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.backToChats} onClick={back}>
            <Icon name="back" />
          </ActionIcon>
        </span>
        <Avatar name={name} kind="page" />
        <div className={styles.words}>
          <h2>{name}</h2>
          <p data-connected={connected}>{connected ? t.connected : t.noApp}</p>
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={texts.dial.open}
          title={texts.dial.open}
          onClick={() => setDialOpen(true)}
        >
          <Icon name="dial" />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t.aboutPage}
          title={t.aboutPage}
          onClick={actions.showPage}
        >
          <Icon name="info" />
        </ActionIcon>
      </header>
      <DialHint page={page} open={() => setDialOpen(true)} />
      {!connected && (
        <div className={styles.banner}>
          <span>{t.connectBanner}</span>
          <button type="button" onClick={actions.showPage}>
            {t.howToConnect}
          </button>
        </div>
      )}
      {thread.data === undefined ? (
        <Notice heading={name} text={t.loading} icon={<Loader size="sm" />} />
      ) : (
        <>
          <MessageList thread={thread.data} unsent={unsent} actions={actions} />
          <Arrivals thread={thread.data} />
          {connected && isTooMuchSaid(thread.data.messages) && (
            <p className={styles.silence} role="status">
              {t.tooMuchSaid(REPLIES_AT_MOST, WITHIN_SECONDS)} <a href="/">{t.toConsole}</a>
            </p>
          )}
        </>
      )}
      {problem !== null && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <Composer
        lane={lane}
        pageName={name}
        thread={thread.data}
        begun={unsent.length > 0}
        replyTo={replyTo}
        cancelReply={() => setReplyTo(null)}
        actions={actions}
      />
      <DialPanel opened={dialOpen} close={() => setDialOpen(false)} page={page} />
      <PagePanel
        opened={panelOpen}
        close={() => setPanelOpen(false)}
        page={page}
        thread={thread.data}
        setBlocked={actions.setBlocked}
      />
    </>
  )
}
