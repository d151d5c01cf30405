import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { ConnectSender, SenderView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { useAddress } from '../use-address.ts'
import styles from './channels.module.css'
import { PagePicker, type PickedPage } from './page-picker.tsx'
import { messengerPath } from './queries.ts'
import { NEW_SETTINGS, OutsideWindowField, UniqueNameField, UrlFields } from './settings-fields.tsx'
import { useDraft } from './use-draft.ts'

const t = texts.console.instance

const FIELDS = ['uniqueName', 'callbackUrl', 'fallbackUrl', 'statusCallbackUrl', 'pageId', 'accessToken', 'appId']

/** Properties, credentials, configuration, Save: as the product document has it. */
export const NewSenderPage = () => {
  const account = useAccount()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [{ app, way }] = useAddress()
  const [settings, change, forget] = useDraft(`pagewire-new-instance-${account.sid}`, NEW_SETTINGS)
  const [picked, setPicked] = useState<PickedPage>({ pageId: null, accessToken: '' })
  const here = `/${account.sid}/channels/messenger`
  const save = useMutation({
    mutationFn: () => {
      const { pageId, accessToken } = picked
      const page = way === 'token' ? { accessToken } : pageId === null ? {} : { pageId }
      const body = { ...settings, ...page, ...(app && { appId: app }) }
      return call<SenderView>('POST', `${messengerPath(account.sid)}/senders`, body satisfies ConnectSender)
    },
    onSuccess: async (sender) => {
      forget()
      notifications.show({ message: t.connected(sender.name) })
      await client.invalidateQueries({ queryKey: ['channels', account.sid] })
      await navigate({ to: `${here}/${sender.sid}` as string })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const fields = { settings, problem: save.error, onChange: change }
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
          <PagePicker picked={picked} problem={save.error} onPick={setPicked} />
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
