import { Button, NativeSelect, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { AccountNotices } from '../../../src/console/contract/accounts.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, get, problemOf } from '../api.ts'
import card from '../card.module.css'

const t = texts.console.accountPage

export const NoticesCard = ({ path, accountSid }: { path: string; accountSid: string }) => {
  const notices = useQuery({ queryKey: ['notices', accountSid], queryFn: () => get<AccountNotices>(path) })
  return (
    <section className={`${card.card} ${card.narrow}`}>
      <div className={card.inner}>
        <h2>{t.noticesHeading}</h2>
        <Problem text={generalProblem(notices.error)} />
        {notices.data !== undefined && (
          <NoticesForm key={accountSid} path={path} accountSid={accountSid} notices={notices.data} />
        )}
      </div>
    </section>
  )
}

type NoticesFormProps = { path: string; accountSid: string; notices: AccountNotices }

const NoticesForm = ({ path, accountSid, notices }: NoticesFormProps) => {
  const client = useQueryClient()
  const [debuggerUrl, setDebuggerUrl] = useState(notices.debuggerUrl ?? '')
  const [mediaAccess, setMediaAccess] = useState(notices.mediaAccess)
  const save = useMutation({
    mutationFn: () =>
      call<AccountNotices>('PUT', path, { debuggerUrl: debuggerUrl || null, mediaAccess } satisfies AccountNotices),
    onSuccess: (saved) => {
      client.setQueryData(['notices', accountSid], saved)
      notifications.show({ message: texts.console.saved })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form className={card.form} onSubmit={submit}>
      <Problem text={generalProblem(save.error, 'debuggerUrl')} />
      <TextInput
        label={t.debuggerUrl}
        description={t.debuggerUrlHint}
        type="url"
        value={debuggerUrl}
        error={problemOf(save.error, 'debuggerUrl')}
        onChange={(event) => setDebuggerUrl(event.currentTarget.value)}
      />
      <NativeSelect
        label={t.mediaAccess}
        value={mediaAccess}
        data={(['public', 'auth', 'signed'] as const).map((value) => ({ value, label: t.mediaAccessNames[value] }))}
        onChange={(event) => setMediaAccess(event.currentTarget.value as AccountNotices['mediaAccess'])}
      />
      <Button type="submit" loading={save.isPending}>
        {texts.console.save}
      </Button>
    </form>
  )
}
