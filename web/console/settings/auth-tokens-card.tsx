import { Button, Group } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { AccountSettings, AuthTokens } from '../../../src/console/contract/accounts.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { call, generalProblem } from '../api.ts'
import card from '../card.module.css'
import { Confirm } from './people-dialogs.tsx'

const t = texts.console.accountPage

/** The tokens are fetched when they are asked for, and forgotten when they are hidden. */
export const AuthTokensCard = ({ path, settings }: { path: string; settings: AccountSettings }) => {
  const client = useQueryClient()
  const [asking, setAsking] = useState<'promote' | 'delete' | null>(null)
  const show = useMutation({ mutationFn: () => call<AuthTokens>('POST', `${path}/tokens/show`) })
  const change = useMutation({
    mutationFn: ({ method, to }: { method: string; to: string }) =>
      call<AccountSettings>(method, `${path}/tokens/${to}`),
    onSuccess: (changed) => {
      client.setQueryData(['settings', settings.sid], changed)
      // What is shown would be the old ones.
      if (show.data !== undefined) show.mutate()
    },
  })
  const hasSecondary = settings.secondaryTokenSince !== null
  return (
    <section className={`${card.card} ${card.narrow}`}>
      <div className={`${card.inner} ${card.form}`}>
        <h2>{t.tokenHeading}</h2>
        <p className={card.soft}>{t.tokenText}</p>
        <Problem text={generalProblem(show.error ?? change.error)} />
        {show.data === undefined ? (
          <Button variant="default" onClick={() => show.mutate()} loading={show.isPending}>
            {t.show}
          </Button>
        ) : (
          <>
            <CopyField label={t.primary} value={show.data.primary} />
            {show.data.secondary !== null && <CopyField label={t.secondary} value={show.data.secondary} />}
            <Button variant="default" onClick={() => show.reset()}>
              {t.hide}
            </Button>
          </>
        )}
        <h2>{t.rotateHeading}</h2>
        <p className={card.soft}>{t.rotateText}</p>
        {settings.secondaryTokenSince === null ? (
          <Button
            variant="default"
            loading={change.isPending}
            onClick={() => change.mutate({ method: 'POST', to: 'secondary' })}
          >
            {t.makeSecondary}
          </Button>
        ) : (
          <>
            <p className={card.soft}>
              {t.secondarySince} <Time at={settings.secondaryTokenSince} />
            </p>
            <Group>
              <Button onClick={() => setAsking('promote')}>{t.promote}</Button>
              <Button variant="default" onClick={() => setAsking('delete')}>
                {t.deleteSecondary}
              </Button>
            </Group>
          </>
        )}
      </div>
      <Confirm
        opened={hasSecondary && asking === 'promote'}
        title={t.promoteHeading}
        text={t.promoteText}
        action={t.promote}
        onClose={() => setAsking(null)}
        onConfirm={() => {
          setAsking(null)
          change.mutate({ method: 'POST', to: 'promote' })
        }}
      />
      <Confirm
        opened={hasSecondary && asking === 'delete'}
        title={t.deleteHeading}
        text={t.deleteText}
        action={t.deleteSecondary}
        onClose={() => setAsking(null)}
        onConfirm={() => {
          setAsking(null)
          change.mutate({ method: 'DELETE', to: 'secondary' })
        }}
      />
    </section>
  )
}
