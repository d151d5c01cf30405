import { Button, Loader, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import type { LinkView, SignInAnswer, UseLink } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, get, meQuery, problemOf, sentenceOf } from '../api.ts'
import styles from './door.module.css'
import { Door } from './door.tsx'
import { SecondFactorForm } from './second-factor-form.tsx'

const t = texts.console.signIn

const titleOf = ({ purpose, accountName }: LinkView) => {
  if (purpose === 'setup') return t.setupTitle
  return purpose === 'join' ? t.joinTitle(accountName ?? '') : t.passwordTitle
}

/** A one-time link: the first password, an invitation, or a forgotten password. */
export const LinkPage = () => {
  const { token = '' } = useParams({ strict: false }) as { token?: string }
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => get<LinkView>(`/links/${encodeURIComponent(token)}`),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (link.data !== undefined) return <LinkForm token={token} link={link.data} />
  if (link.error === null) return <Loader m="xl" aria-label={texts.console.loading} />
  return (
    <Door title={t.linkGone}>
      <Problem text={sentenceOf(link.error)} />
      <Button component="a" href="/sign-in" variant="default">
        {t.toSignIn}
      </Button>
    </Door>
  )
}

const LinkForm = ({ token, link }: { token: string; link: LinkView }) => {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [asksCode, setAsksCode] = useState(false)
  const title = titleOf(link)
  useEffect(() => {
    document.title = texts.console.windowTitle(title)
  }, [title])
  const arrive = (answer: SignInAnswer) => {
    if (answer.next === 'second factor') return setAsksCode(true)
    client.setQueryData(meQuery.queryKey, answer.me)
    return navigate({ to: '/', replace: true })
  }
  const use = useMutation({
    mutationFn: () => {
      const body: UseLink = link.known ? {} : { ...(link.purpose === 'join' && { name }), password }
      return call<SignInAnswer>('POST', `/links/${encodeURIComponent(token)}`, body)
    },
    onSuccess: arrive,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    use.mutate()
  }
  if (asksCode) return <SecondFactorForm onDone={arrive} onStartOver={() => navigate({ to: '/sign-in' })} />
  return (
    <Door title={title}>
      <p className={styles.soft}>
        {link.purpose === 'join'
          ? t.joinText(link.email, texts.console.people.roles[link.role ?? 'read-only'])
          : t.setupText(link.email)}
      </p>
      {link.known && <p className={styles.soft}>{t.joinKnown}</p>}
      <Problem text={generalProblem(use.error, 'password')} />
      <form onSubmit={submit}>
        {!link.known && (
          <>
            <input type="hidden" name="username" autoComplete="username" value={link.email} readOnly />
            {link.purpose === 'join' && (
              <TextInput
                label={t.name}
                autoComplete="name"
                required
                autoFocus
                maxLength={100}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
            )}
            <PasswordInput
              label={t.newPassword}
              description={t.passwordHint}
              autoComplete="new-password"
              required
              autoFocus={link.purpose !== 'join'}
              value={password}
              error={problemOf(use.error, 'password')}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </>
        )}
        <Button type="submit" loading={use.isPending} autoFocus={link.known}>
          {link.purpose === 'join' ? t.joinSubmit : t.setupSubmit}
        </Button>
      </form>
    </Door>
  )
}
