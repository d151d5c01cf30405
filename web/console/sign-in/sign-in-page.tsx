import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import type { SignInAnswer } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, meQuery } from '../api.ts'
import styles from './door.module.css'
import { Door } from './door.tsx'
import { SecondFactorForm } from './second-factor-form.tsx'

const t = texts.console.signIn

/** Where to go once signed in: an address of ours, nothing else. */
const insideOnly = (to: unknown): string => (typeof to === 'string' && /^\/(?![/\\])/.test(to) ? to : '/')

export const SignInPage = () => {
  const { to } = useSearch({ strict: false }) as { to?: unknown }
  const navigate = useNavigate()
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [asksCode, setAsksCode] = useState(false)
  useEffect(() => {
    document.title = texts.console.windowTitle(t.title)
  }, [])

  const arrive = (answer: SignInAnswer) => {
    if (answer.next === 'second factor') return setAsksCode(true)
    client.setQueryData(meQuery.queryKey, answer.me)
    return navigate({ to: insideOnly(to), replace: true })
  }
  const signIn = useMutation({
    mutationFn: () => call<SignInAnswer>('POST', '/session', { email, password }),
    onSuccess: arrive,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }

  if (asksCode) return <SecondFactorForm onDone={arrive} onStartOver={() => setAsksCode(false)} />
  return (
    <Door title={t.title}>
      <Problem text={generalProblem(signIn.error)} />
      <form onSubmit={submit}>
        <TextInput
          label={t.email}
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t.password}
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={signIn.isPending}>
          {t.submit}
        </Button>
      </form>
      <div className={styles.foot}>
        <p className={styles.soft}>{t.help}</p>
        <p className={styles.soft}>{t.forgotten}</p>
      </div>
    </Door>
  )
}
