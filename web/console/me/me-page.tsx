import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Me, PasswordChange, ProfileChange } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, meQuery, problemOf, useMe } from '../api.ts'
import card from '../card.module.css'
import styles from './me-page.module.css'
import { Sessions } from './sessions.tsx'
import { TwoFactor } from './two-factor.tsx'

const t = texts.console.me

/** A person's own affairs, the same in every account. */
export const MePage = () => (
  <main className={styles.page}>
    <Anchor href="/">{texts.console.back}</Anchor>
    <PageTitle title={t.title} />
    <Profile />
    <Password />
    <TwoFactor />
    <Sessions />
  </main>
)

const Profile = () => {
  const me = useMe()
  const client = useQueryClient()
  const [name, setName] = useState(me.name)
  const save = useMutation({
    mutationFn: () => call<Me>('PATCH', '/me', { name } satisfies ProfileChange),
    onSuccess: (changed) => {
      client.setQueryData(meQuery.queryKey, changed)
      notifications.show({ message: texts.console.saved })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <section className={card.card}>
      <form className={`${card.inner} ${card.form}`} onSubmit={submit}>
        <Problem text={generalProblem(save.error, 'name')} />
        <TextInput label={t.email} value={me.email} readOnly />
        <TextInput
          label={t.name}
          description={t.nameHint}
          autoComplete="name"
          required
          maxLength={100}
          value={name}
          error={problemOf(save.error, 'name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={save.isPending} disabled={name === me.name}>
          {texts.console.save}
        </Button>
      </form>
    </section>
  )
}

const Password = () => {
  const me = useMe()
  const client = useQueryClient()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () => call<void>('POST', '/me/password', { current, password } satisfies PasswordChange),
    onSuccess: () => {
      setCurrent('')
      setPassword('')
      notifications.show({ message: t.passwordChanged })
      return client.invalidateQueries({ queryKey: ['sessions'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <section className={card.card}>
      <form className={`${card.inner} ${card.form}`} onSubmit={submit}>
        <h2>{t.passwordHeading}</h2>
        <Problem text={generalProblem(change.error, 'current', 'password')} />
        <input type="hidden" autoComplete="username" value={me.email} readOnly />
        <PasswordInput
          label={t.currentPassword}
          autoComplete="current-password"
          required
          value={current}
          error={problemOf(change.error, 'current')}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t.newPassword}
          description={texts.console.signIn.passwordHint}
          autoComplete="new-password"
          required
          value={password}
          error={problemOf(change.error, 'password')}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={change.isPending}>
          {t.changePassword}
        </Button>
      </form>
    </section>
  )
}
