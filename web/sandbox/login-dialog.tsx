import { Button, Checkbox, NativeSelect } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import type { LoginDialog as Asked, PageRole } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Notice } from '../ui/notice.tsx'
import { Problem } from '../ui/problem.tsx'
import { answerLoginDialog, fetchLoginDialog } from './api.ts'
import styles from './login-dialog.module.css'
import { rememberedPerson } from './remembered-person.ts'

const t = texts.loginDialog
const ROLES = Object.keys(t.roles) as PageRole[]

/** Facebook's login dialog, at an address like Facebook's own: everything that an app asks for stands in it. */
export const LoginDialog = () => {
  const { search } = window.location
  const dialog = useQuery({ queryKey: ['login-dialog', search], queryFn: () => fetchLoginDialog(search), retry: false })
  const name = dialog.data?.app.name
  useEffect(() => {
    document.title = name === undefined ? t.title : t.windowTitle(name)
  }, [name])
  if (dialog.data === undefined) {
    return (
      <Notice
        heading={dialog.error ? t.failedHeading : t.title}
        text={dialog.error?.message ?? texts.console.loading}
      />
    )
  }
  return <Dialog asked={dialog.data} search={search} />
}

const Dialog = ({ asked, search }: { asked: Asked; search: string }) => {
  const [person, setPerson] = useState(() => {
    const remembered = rememberedPerson()
    return asked.people.find(({ id }) => id === remembered)?.id ?? asked.people[0]?.id ?? ''
  })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(asked.pages.map(({ id }) => id)))
  const [roles, setRoles] = useState<Record<string, PageRole>>({})
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set(asked.scopes))
  const answer = useMutation({
    mutationFn: (cancel: boolean) =>
      answerLoginDialog(
        search,
        cancel
          ? { cancel }
          : {
              cancel,
              person,
              scopes: [...scopes],
              pages: [...chosen].map((id) => ({ id, role: roles[id] ?? 'full' })),
            },
      ),
    onSuccess: ({ location }) => window.location.assign(location),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    answer.mutate(false)
  }
  const you = asked.people.find(({ id }) => id === person)?.name ?? ''
  const all = asked.pages.length > 0 && chosen.size === asked.pages.length
  return (
    <main className={styles.page}>
      <p className={styles.brand}>
        <strong>{t.title}</strong> {t.subtitle}
      </p>
      <form className={styles.dialog} onSubmit={submit}>
        <h1>{t.heading(asked.app.name)}</h1>
        <p className={styles.soft}>{t.text}</p>
        <Problem text={answer.error?.message} />
        <NativeSelect
          label={t.youAre}
          value={person}
          data={asked.people.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => setPerson(event.currentTarget.value)}
        />
        <fieldset className={styles.group}>
          <legend>{t.pages}</legend>
          {asked.pages.length === 0 && <p className={styles.soft}>{t.noPages}</p>}
          {asked.pages.length > 1 && (
            <Checkbox
              label={t.allPages}
              checked={all}
              indeterminate={!all && chosen.size > 0}
              onChange={() => setChosen(new Set(all ? [] : asked.pages.map(({ id }) => id)))}
            />
          )}
          {asked.pages.map(({ id, name, business }) => (
            <div key={id} className={styles.row}>
              <Checkbox
                label={name}
                description={business === null ? undefined : t.business(business)}
                checked={chosen.has(id)}
                onChange={() => setChosen(toggled(chosen, id))}
              />
              <NativeSelect
                size="xs"
                aria-label={t.role(name)}
                value={roles[id] ?? 'full'}
                disabled={!chosen.has(id)}
                data={ROLES.map((role) => ({ value: role, label: t.roles[role] }))}
                onChange={(event) => setRoles({ ...roles, [id]: event.currentTarget.value as PageRole })}
              />
            </div>
          ))}
        </fieldset>
        <fieldset className={styles.group}>
          <legend>{t.permissions}</legend>
          {asked.scopes.map((scope) => (
            <Checkbox
              key={scope}
              label={scope}
              description={t.permissionTexts[scope]}
              checked={scopes.has(scope)}
              onChange={() => setScopes(toggled(scopes, scope))}
            />
          ))}
        </fieldset>
        <div className={styles.actions}>
          <Button type="submit" loading={answer.isPending && answer.variables === false} disabled={person === ''}>
            {t.continueAs(you)}
          </Button>
          <Button variant="default" onClick={() => answer.mutate(true)}>
            {t.cancel}
          </Button>
        </div>
      </form>
    </main>
  )
}

const toggled = (set: ReadonlySet<string>, value: string): ReadonlySet<string> => {
  const next = new Set(set)
  if (!next.delete(value)) next.add(value)
  return next
}
