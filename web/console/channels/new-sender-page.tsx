import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { ConnectSender, SenderSettingsView, SenderView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { useAddress } from '../use-address.ts'
import styles from './channels.module.css'
import { PagePicker } from './page-picker.tsx'
import { instancesQuery, messengerPath } from './queries.ts'
import { NEW_SETTINGS, OutsideWindowField, UniqueNameField, UrlFields } from './settings-fields.tsx'
import { useDraft } from './use-draft.ts'

const t = texts.console.instance

const FIELDS = ['uniqueName', 'callbackUrl', 'fallbackUrl', 'statusCallbackUrl', 'pageId', 'accessToken', 'appId']

/** Properties, credentials, configuration, Save: as the product document has it. */
export const NewSenderPage = () => {
  const account = useAccount()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [{ app, way, page: pageId = '' }] = useAddress()
  const [settings, change, forget] = useDraft(`pagewire-new-instance-${account.sid}`, NEW_SETTINGS)
  const [accessToken, setAccessToken] = useState('')
  const here = `/${account.sid}/channels/messenger`
  const instances = useQuery(instancesQuery(account.sid))
  const save = useMutation({
    mutationFn: () => {
      const page = way === 'token' ? { accessToken } : pageId === '' ? {} : { pageId }
      const body = { ...settings, ...page, ...(app && { appId: app }) }
      return call<SenderView>('POST', `${messengerPath(account.sid)}/senders`, body satisfies ConnectSender)
    },
    onSuccess: async (sender) => {
      notifications.show({ message: t.connected(sender.name) })
      await client.invalidateQueries({ queryKey: ['channels', account.sid] })
      await navigate({ to: `${here}/${sender.sid}` as string })
      forget()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const onChange = (changes: Partial<SenderSettingsView>) => {
    // What was refused was about the text before.
    if (save.isError) save.reset()
    change(changes)
  }
  const fields = { settings, problem: save.error, onChange }
  const { senders = [], limit = 0 } = instances.data ?? {}
  // Not while what is saved here is counted already.
  const isFull = limit > 0 && senders.length >= limit && save.isIdle
  if (isFull || account.status !== 'active') {
    return (
      <Notice heading={t.cannotAdd} text={isFull ? texts.console.messenger.full : t.notActive}>
        <Button component={Link} to={here as string}>
          {t.backToList}
        </Button>
      </Notice>
    )
  }
  return (
    <form className={styles.page} onSubmit={submit} noValidate>
      <Link className={styles.back} to={here as string}>
        {t.backToList}
      </Link>
      <PageTitle title={t.newTitle} account={account.name} lead={t.newLead} />
      <section className={styles.section}>
        <h2>{t.properties}</h2>
        <div className={styles.body}>
          <UniqueNameField {...fields} />
        </div>
      </section>
      <section className={styles.section} id="credentials">
        <h2>{t.credentials}</h2>
        <div className={styles.body}>
          <PagePicker accessToken={accessToken} problem={save.error} onToken={setAccessToken} />
        </div>
      </section>
      <section className={styles.section}>
        <h2>{t.configuration}</h2>
        <div className={styles.body}>
          <UrlFields {...fields} />
          <OutsideWindowField {...fields} />
        </div>
      </section>
      <Problem text={generalProblem(save.error, ...FIELDS)} />
      <div className={styles.actions}>
        <Button type="submit" loading={save.isPending}>
          {t.save}
        </Button>
        {save.isPending && <span className={styles.soft}>{t.saving}</span>}
      </div>
    </form>
  )
}
