import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { SenderSettingsView, SenderView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, may, sentenceOf } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { Confirm } from '../settings/people-dialogs.tsx'
import styles from './channels.module.css'
import { FactsCard } from './facts-card.tsx'
import { HealthCard } from './health-card.tsx'
import { OptOutFields } from './opt-out-fields.tsx'
import { instanceQuery, messengerPath } from './queries.ts'
import { ReconnectCard } from './reconnect-card.tsx'
import { NEW_SETTINGS, OutsideWindowField, UniqueNameField, UrlFields } from './settings-fields.tsx'
import { useDraft } from './use-draft.ts'

const t = texts.console.instance

/** One Page: what it is, how it is, and what is set of it. */
export const SenderPage = () => {
  const account = useAccount()
  const { senderSid = '' } = useParams({ strict: false })
  const sender = useQuery(instanceQuery(account.sid, senderSid))
  const here = `/${account.sid}/channels/messenger`
  if (sender.data === undefined) {
    if (sender.error === null) return null
    return (
      <Notice heading={texts.console.failedHeading} text={sentenceOf(sender.error)}>
        <Button component={Link} to={here as string}>
          {t.backToList}
        </Button>
      </Notice>
    )
  }
  const mayChange = may(account, 'configure') && account.status === 'active'
  const { name, address, status, offlineReason } = sender.data
  const reconnect = mayChange && <ReconnectCard sender={sender.data} />
  return (
    <div className={styles.page}>
      <Link className={styles.back} to={here as string}>
        {t.backToList}
      </Link>
      <PageTitle title={name} account={account.name} lead={address} />
      {status === 'OFFLINE' && <Problem text={`${t.offline}${offlineReason === null ? '' : `: ${offlineReason}`}`} />}
      {status === 'OFFLINE' && reconnect}
      <FactsCard sender={sender.data} />
      <HealthCard sender={sender.data} />
      <SettingsCard key={senderSid} sender={sender.data} readOnly={!mayChange} />
      {status !== 'OFFLINE' && reconnect}
      {mayChange && <RemoveCard sender={sender.data} />}
    </div>
  )
}

const settingsOf = (sender: SenderView): SenderSettingsView =>
  Object.fromEntries(
    (Object.keys(NEW_SETTINGS) as (keyof SenderSettingsView)[]).map((name) => [name, sender[name]]),
  ) as SenderSettingsView

const NOTHING: Partial<SenderSettingsView> = {}

const SettingsCard = ({ sender, readOnly }: { sender: SenderView; readOnly: boolean }) => {
  const account = useAccount()
  const client = useQueryClient()
  const saved = settingsOf(sender)
  // Only what was typed: what somebody else saves meanwhile shows in the other fields.
  const [typed, change, forget] = useDraft(`pagewire-instance-${sender.sid}`, NOTHING)
  const settings = readOnly ? saved : { ...saved, ...typed }
  const isChanged = JSON.stringify(settings) !== JSON.stringify(saved)
  const save = useMutation({
    mutationFn: () => call<SenderView>('PUT', `${messengerPath(account.sid)}/senders/${sender.sid}`, settings),
    onSuccess: async (changed) => {
      client.setQueryData(instanceQuery(account.sid, sender.sid).queryKey, changed)
      forget()
      notifications.show({ message: texts.console.saved })
      await client.invalidateQueries({ queryKey: ['channels', account.sid] })
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
  const fields = { settings, problem: save.error, readOnly, onChange }
  return (
    <form onSubmit={submit} noValidate>
      <section className={styles.section}>
        <h2>{t.properties}</h2>
        <div className={styles.body}>
          <UniqueNameField {...fields} />
        </div>
      </section>
      <section className={styles.section}>
        <h2>{t.configuration}</h2>
        <div className={styles.body}>
          <UrlFields {...fields} />
          <OutsideWindowField {...fields} />
        </div>
      </section>
      <section className={styles.section}>
        <h2>{t.optOut}</h2>
        <div className={styles.body}>
          <p className={styles.soft}>{t.optOutLead}</p>
          <OptOutFields
            optOut={settings.optOut}
            defaults={sender.optOutDefaults}
            inService={sender.service !== null}
            readOnly={readOnly}
            onChange={(optOut) => onChange({ optOut })}
          />
        </div>
      </section>
      <Problem text={generalProblem(save.error, 'uniqueName', 'callbackUrl', 'fallbackUrl', 'statusCallbackUrl')} />
      {!readOnly && (
        <div className={styles.actions} style={{ marginBottom: 24 }}>
          <Button type="submit" loading={save.isPending} disabled={!isChanged}>
            {t.save}
          </Button>
          {isChanged && (
            <>
              <Button variant="default" onClick={forget}>
                {t.discard}
              </Button>
              <span className={styles.soft}>{t.unsaved}</span>
            </>
          )}
        </div>
      )}
    </form>
  )
}

const RemoveCard = ({ sender }: { sender: SenderView }) => {
  const account = useAccount()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => call<void>('DELETE', `${messengerPath(account.sid)}/senders/${sender.sid}`),
    onSuccess: async () => {
      notifications.show({ message: t.removed(sender.name) })
      await navigate({ to: `/${account.sid}/channels/messenger` as string })
      await client.invalidateQueries({ queryKey: ['channels', account.sid] })
    },
  })
  return (
    <section className={styles.section}>
      <h2>{t.removeCard}</h2>
      <div className={styles.body}>
        <p className={styles.soft}>{t.removeLead}</p>
        <Problem text={generalProblem(remove.error)} />
        <div>
          <Button color="red" variant="outline" loading={remove.isPending} onClick={() => setAsking(true)}>
            {t.remove}
          </Button>
        </div>
      </div>
      <Confirm
        opened={asking}
        title={t.removeHeading(sender.name)}
        text={t.removeText(sender.name)}
        action={t.removeDo(sender.name)}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false)
          remove.mutate()
        }}
      />
    </section>
  )
}
