import { Badge, Button, Modal, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { MetaAppSaved, MetaAppView, VerifyToken } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Icon } from '../../ui/icons.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, get, may, problemOf } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { Confirm } from '../settings/people-dialogs.tsx'
import styles from './channels.module.css'
import { metaAppsQuery } from './queries.ts'

const t = texts.console.metaApps

/** The Meta apps through which this account can connect Pages. */
export const MetaAppsPage = () => {
  const account = useAccount()
  const apps = useQuery(metaAppsQuery(account.sid))
  const [adding, setAdding] = useState(false)
  return (
    <div className={styles.page}>
      <Link className={styles.back} to={`/${account.sid}/channels/messenger` as string}>
        {texts.console.instance.backToList}
      </Link>
      <PageTitle title={t.title} account={account.name} lead={t.lead}>
        {may(account, 'configure') && (
          <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setAdding(true)}>
            {t.add}
          </Button>
        )}
      </PageTitle>
      <Problem text={generalProblem(apps.error)} />
      {apps.data?.apps.map((app) => (
        <App key={app.id} app={app} redirectUrl={apps.data.redirectUrl} />
      ))}
      <AddDialog opened={adding} onClose={() => setAdding(false)} />
    </div>
  )
}

const App = ({ app, redirectUrl }: { app: MetaAppView; redirectUrl: string }) => {
  const account = useAccount()
  const client = useQueryClient()
  const [removing, setRemoving] = useState(false)
  const path = `/accounts/${account.sid}/meta-apps/${app.id}`
  const name = app.name ?? app.id
  const token = useMutation({ mutationFn: () => get<VerifyToken>(`${path}/verify-token`) })
  const remove = useMutation({
    mutationFn: () => call<void>('DELETE', path),
    onSuccess: () => client.invalidateQueries({ queryKey: metaAppsQuery(account.sid).queryKey }),
  })
  const isOwn = app.owner === 'own'
  return (
    <section className={styles.section}>
      <div className={styles.head}>
        <h2>
          {name} <Badge variant="light">{t.owners[app.owner]}</Badge>
        </h2>
        <span className={styles.soft}>
          {app.name !== null && `${app.id} · `}
          {t.pages(app.senders)}
        </span>
      </div>
      <div className={styles.body}>
        <CopyField label={t.webhook} value={app.webhookUrl} />
        <CopyField label={t.redirect} value={redirectUrl} />
        {token.data !== undefined && <CopyField label={t.verifyToken} value={token.data.verifyToken} />}
        <Problem text={generalProblem(remove.error ?? token.error)} />
        {isOwn && (
          <div className={styles.actions}>
            {may(account, 'secrets') && token.data === undefined && (
              <Button variant="default" onClick={() => token.mutate()} loading={token.isPending}>
                {t.showVerifyToken}
              </Button>
            )}
            {may(account, 'configure') && (
              <Button variant="outline" color="red" onClick={() => setRemoving(true)} loading={remove.isPending}>
                {t.remove}
              </Button>
            )}
          </div>
        )}
      </div>
      <Confirm
        opened={removing}
        title={t.removeHeading(name)}
        text={t.removeText}
        action={t.removeDo(name)}
        onClose={() => setRemoving(false)}
        onConfirm={() => {
          setRemoving(false)
          remove.mutate()
        }}
      />
    </section>
  )
}

const NEW_APP = { appId: '', appSecret: '', verifyToken: '', loginConfigId: '' }
const FIELDS = Object.keys(NEW_APP)

const AddDialog = ({ opened, onClose }: { opened: boolean; onClose: () => void }) => {
  const account = useAccount()
  const client = useQueryClient()
  const [app, setApp] = useState(NEW_APP)
  const save = useMutation({
    mutationFn: () => call<MetaAppSaved>('POST', `/accounts/${account.sid}/meta-apps`, app),
    onSuccess: () => client.invalidateQueries({ queryKey: metaAppsQuery(account.sid).queryKey }),
  })
  const close = () => {
    setApp(NEW_APP)
    save.reset()
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const field = (name: keyof typeof NEW_APP) => ({
    value: app[name],
    error: problemOf(save.error, name),
    onChange: (event: { currentTarget: { value: string } }) => setApp({ ...app, [name]: event.currentTarget.value }),
  })
  return (
    <Modal opened={opened} onClose={close} title={t.addHeading}>
      {save.data === undefined ? (
        <form className={card.form} onSubmit={submit}>
          <Problem text={generalProblem(save.error, ...FIELDS)} />
          <TextInput label={t.appId} required inputMode="numeric" data-autofocus {...field('appId')} />
          <PasswordInput
            label={t.appSecret}
            description={t.appSecretHint}
            required
            autoComplete="off"
            {...field('appSecret')}
          />
          <TextInput label={t.verifyToken} description={t.verifyTokenHint} {...field('verifyToken')} />
          <TextInput label={t.loginConfigId} description={t.loginConfigIdHint} {...field('loginConfigId')} />
          <Button type="submit" loading={save.isPending}>
            {t.addDo}
          </Button>
        </form>
      ) : (
        <>
          <p>
            {save.data.subscribed ? t.added(save.data.app.name ?? save.data.app.id) : t.byHand(save.data.problem ?? '')}
          </p>
          <Button onClick={close} autoFocus>
            {texts.console.done}
          </Button>
        </>
      )}
    </Modal>
  )
}
