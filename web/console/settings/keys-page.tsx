import { Badge, Button, Modal, Radio, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { ApiKeyView, MadeApiKey, NewApiKey } from '../../../src/console/contract/accounts.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { call, generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { MadeList } from './made-list.tsx'
import { Confirm } from './people-dialogs.tsx'

const t = texts.console.keys

export const KeysPage = () => {
  const account = useAccount()
  const client = useQueryClient()
  const path = `/accounts/${account.sid}/keys`
  const key = ['keys', account.sid]
  const keys = useQuery({ queryKey: key, queryFn: () => get<ApiKeyView[]>(path) })
  const [making, setMaking] = useState(false)
  const [leaving, setLeaving] = useState<ApiKeyView | null>(null)
  const remove = useMutation({
    mutationFn: (sid: string) => call<void>('DELETE', `${path}/${sid}`),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  })
  return (
    <>
      <MadeList
        words={t}
        items={keys.data}
        problem={keys.error ?? remove.error}
        onMake={() => setMaking(true)}
        row={(each) => (
          <div className={card.row} key={each.sid}>
            <div className={card.grow}>
              {each.friendlyName} <Badge variant="light">{t.kinds[each.kind]}</Badge>
              <div className={card.soft}>
                <code>{each.sid}</code> · {t.since} <Time at={each.createdAt} />
              </div>
            </div>
            <Button variant="default" size="xs" onClick={() => setLeaving(each)}>
              {t.remove}
            </Button>
          </div>
        )}
      />
      <MakeKey
        path={path}
        opened={making}
        onClose={() => {
          setMaking(false)
          return client.invalidateQueries({ queryKey: key })
        }}
      />
      <Confirm
        opened={leaving !== null}
        title={t.removeHeading(leaving?.friendlyName ?? '')}
        text={t.removeText}
        action={t.removeDo}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          if (leaving !== null) remove.mutate(leaving.sid)
          setLeaving(null)
        }}
      />
    </>
  )
}

const MakeKey = ({ path, opened, onClose }: { path: string; opened: boolean; onClose: () => void }) => {
  const [friendlyName, setFriendlyName] = useState('')
  const [kind, setKind] = useState<NewApiKey['kind']>('standard')
  const make = useMutation({
    mutationFn: () => call<MadeApiKey>('POST', path, { friendlyName, kind } satisfies NewApiKey),
  })
  const close = () => {
    setFriendlyName('')
    make.reset()
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Modal opened={opened} onClose={close} title={t.makeHeading} closeOnClickOutside={make.data === undefined}>
      {make.data === undefined ? (
        <form className={card.form} onSubmit={submit}>
          <Problem text={generalProblem(make.error)} />
          <TextInput
            label={t.name}
            description={t.nameHint}
            required
            maxLength={64}
            data-autofocus
            value={friendlyName}
            onChange={(event) => setFriendlyName(event.currentTarget.value)}
          />
          <Radio.Group label={t.kind} value={kind} onChange={(value) => setKind(value as NewApiKey['kind'])}>
            {(['standard', 'main'] as const).map((each) => (
              <Radio key={each} mt="xs" value={each} label={t.kinds[each]} description={t.kindHints[each]} />
            ))}
          </Radio.Group>
          <Button type="submit" loading={make.isPending}>
            {t.makeDo}
          </Button>
        </form>
      ) : (
        <div className={card.form}>
          <p>{t.madeText}</p>
          <CopyField label={t.sid} value={make.data.sid} />
          <CopyField label={t.secret} value={make.data.secret} />
          <Button onClick={close} autoFocus>
            {texts.console.done}
          </Button>
        </div>
      )}
    </Modal>
  )
}
