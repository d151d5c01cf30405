import { Button, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Reconnect, SenderView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, problemOf } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { useAddress } from '../use-address.ts'
import styles from './channels.module.css'
import { FacebookLogin } from './facebook-login.tsx'
import { foundPagesQuery, instanceQuery, messengerPath } from './queries.ts'

const t = texts.console.instance

/** A fresh token for a Page, by Facebook Login or pasted. */
export const ReconnectCard = ({ sender }: { sender: SenderView }) => {
  const account = useAccount()
  const client = useQueryClient()
  const [{ way }, change] = useAddress()
  const [accessToken, setAccessToken] = useState('')
  const found = useQuery(foundPagesQuery(account.sid, { sender: sender.sid }))
  const pastes = way === 'token'
  const login = found.data?.login
  /** A login for another purpose says nothing about this Page. */
  const isOwn = login?.sender === sender.sid && login.problem === null
  const page = found.data?.pages.find(({ id }) => id === sender.pageId)
  const reconnect = useMutation({
    mutationFn: () =>
      call<SenderView>(
        'POST',
        `${messengerPath(account.sid)}/senders/${sender.sid}/reconnect`,
        (pastes ? { accessToken } : {}) satisfies Reconnect,
      ),
    onSuccess: async (changed) => {
      setAccessToken('')
      client.setQueryData(instanceQuery(account.sid, sender.sid).queryKey, changed)
      notifications.show({ message: t.reconnected(sender.name) })
      await client.invalidateQueries({ queryKey: ['channels', account.sid] })
    },
  })
  const act = (
    <Button onClick={() => reconnect.mutate()} loading={reconnect.isPending}>
      {t.reconnectDo(sender.name)}
    </Button>
  )
  return (
    <section className={styles.section} id="reconnect">
      <h2>{t.reconnect}</h2>
      <div className={styles.body}>
        <p className={styles.soft}>{t.reconnectLead}</p>
        <Problem text={generalProblem(reconnect.error, ...(pastes ? ['accessToken'] : []))} />
        {pastes ? (
          <>
            <PasswordInput
              className={styles.field}
              label={t.token}
              description={t.tokenHint}
              autoComplete="off"
              maxLength={4096}
              value={accessToken}
              error={problemOf(reconnect.error, 'accessToken')}
              onChange={(event) => setAccessToken(event.currentTarget.value)}
            />
            <div>{act}</div>
          </>
        ) : (
          <>
            <Problem text={generalProblem(found.error)} />
            {isOwn && (
              <p className={styles.note} data-tone={page?.obstacle === null ? 'good' : 'warn'} role="status">
                {page === undefined ? t.reconnectOther(sender.name) : (page.obstacle ?? t.reconnectReady(sender.name))}
              </p>
            )}
            {isOwn && page?.obstacle === null && <div>{act}</div>}
            {found.data !== undefined && (
              <FacebookLogin
                found={login?.sender === sender.sid ? found.data : { ...found.data, login: null }}
                isSecond={isOwn && page?.obstacle === null}
              />
            )}
          </>
        )}
        <div>
          <Button variant="subtle" size="compact-sm" onClick={() => change({ way: pastes ? '' : 'token' })}>
            {pastes ? t.loginInstead : t.pasteInstead}
          </Button>
        </div>
      </div>
    </section>
  )
}
