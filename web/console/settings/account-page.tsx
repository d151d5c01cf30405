import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import type { AccountSettings } from '../../../src/console/contract/accounts.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, get, may, meQuery, problemOf } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { shellQuery } from '../shell.ts'
import { AuthTokensCard } from './auth-tokens-card.tsx'
import { NoticesCard } from './notices-card.tsx'

const t = texts.console.accountPage

export const AccountPage = () => {
  const account = useAccount()
  const path = `/accounts/${account.sid}/settings`
  const settings = useQuery({ queryKey: ['settings', account.sid], queryFn: () => get<AccountSettings>(path) })
  const shell = useQuery(shellQuery)
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead} />
      <Problem text={generalProblem(settings.error)} />
      <section className={`${card.card} ${card.narrow}`}>
        <div className={`${card.inner} ${card.form}`}>
          <CopyField label={t.sid} value={account.sid} />
          {shell.data !== undefined && <CopyField label={t.baseUrl} value={shell.data.publicUrl} />}
        </div>
      </section>
      {settings.data !== undefined && may(account, 'secrets') && (
        <AuthTokensCard path={path} settings={settings.data} />
      )}
      {settings.data !== undefined && may(account, 'accounts') && <Name path={path} settings={settings.data} />}
      {settings.data !== undefined && may(account, 'configure') && (
        <NoticesCard path={`${path}/notices`} accountSid={account.sid} />
      )}
    </>
  )
}

const Name = ({ path, settings }: { path: string; settings: AccountSettings }) => {
  const client = useQueryClient()
  const [friendlyName, setFriendlyName] = useState(settings.friendlyName)
  useEffect(() => setFriendlyName(settings.friendlyName), [settings.friendlyName])
  const save = useMutation({
    mutationFn: () => call<AccountSettings>('PATCH', path, { friendlyName }),
    onSuccess: (changed) => {
      client.setQueryData(['settings', settings.sid], changed)
      notifications.show({ message: texts.console.saved })
      return client.invalidateQueries({ queryKey: meQuery.queryKey })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <section className={`${card.card} ${card.narrow}`}>
      <form className={`${card.inner} ${card.form}`} onSubmit={submit}>
        <h2>{t.nameHeading}</h2>
        <Problem text={generalProblem(save.error, 'friendlyName')} />
        <TextInput
          label={t.name}
          required
          maxLength={64}
          value={friendlyName}
          error={problemOf(save.error, 'friendlyName')}
          onChange={(event) => setFriendlyName(event.currentTarget.value)}
        />
        <Button type="submit" loading={save.isPending} disabled={friendlyName === settings.friendlyName}>
          {texts.console.save}
        </Button>
      </form>
    </section>
  )
}
