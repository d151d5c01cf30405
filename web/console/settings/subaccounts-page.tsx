import { ActionIcon, Badge, Button, Group, Menu, Modal, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { NewSubaccount, Subaccount, SubaccountStatus } from '../../../src/console/contract/accounts.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { call, generalProblem, get, meQuery } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { MadeList } from './made-list.tsx'
import { Confirm } from './people-dialogs.tsx'

const t = texts.console.subaccounts

export const SubaccountsPage = () => {
  const account = useAccount()
  const client = useQueryClient()
  const path = `/accounts/${account.sid}/subaccounts`
  const key = ['subaccounts', account.sid]
  const all = useQuery({ queryKey: key, queryFn: () => get<Subaccount[]>(path) })
  const [making, setMaking] = useState(false)
  const changed = () =>
    Promise.all([client.invalidateQueries({ queryKey: key }), client.invalidateQueries({ queryKey: meQuery.queryKey })])
  const move = useMutation({
    mutationFn: ({ sid, status }: { sid: string } & SubaccountStatus) =>
      call<Subaccount>('POST', `${path}/${sid}/status`, { status }),
    onSettled: changed,
  })
  return (
    <>
      <MadeList
        words={t}
        items={all.data}
        problem={all.error ?? move.error}
        onMake={() => setMaking(true)}
        row={(each) => (
          <Row key={each.sid} account={each} onMove={(status) => move.mutate({ sid: each.sid, status })} />
        )}
      />
      <MakeSubaccount path={path} opened={making} onClose={() => setMaking(false)} onMade={changed} />
    </>
  )
}

const Row = ({ account, onMove }: { account: Subaccount; onMove: (status: SubaccountStatus['status']) => void }) => {
  const [asking, setAsking] = useState<'suspended' | 'closed' | null>(null)
  const { sid, friendlyName, status } = account
  const confirm = () => {
    if (asking !== null) onMove(asking)
    setAsking(null)
  }
  return (
    <div className={card.row}>
      <div className={card.grow}>
        {friendlyName}{' '}
        {status !== 'active' && (
          <Badge variant="outline" color={status === 'closed' ? 'gray' : 'yellow'}>
            {t.statuses[status]}
          </Badge>
        )}
        <div className={card.soft}>
          <code>{sid}</code> · {t.pages(account.pages)} · {t.since} <Time at={account.createdAt} />
        </div>
      </div>
      {status !== 'closed' && (
        <Group gap="xs" wrap="nowrap">
          <Button
            variant="default"
            size="xs"
            component={Link}
            to={`/${sid}/overview` as string}
            aria-label={`${t.open}: ${friendlyName}`}
          >
            {t.open}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t.actionsOf(friendlyName)}>
                <Icon name="more" />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {status === 'active' ? (
                <Menu.Item onClick={() => setAsking('suspended')}>{t.suspend}</Menu.Item>
              ) : (
                <Menu.Item onClick={() => onMove('active')}>{t.activate}</Menu.Item>
              )}
              <Menu.Item color="red" onClick={() => setAsking('closed')}>
                {t.close}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      )}
      <Confirm
        opened={asking === 'suspended'}
        title={t.suspendHeading(friendlyName)}
        text={t.suspendText}
        action={t.suspend}
        onClose={() => setAsking(null)}
        onConfirm={confirm}
      />
      <Confirm
        opened={asking === 'closed'}
        title={t.closeHeading(friendlyName)}
        text={t.closeText}
        action={t.close}
        onClose={() => setAsking(null)}
        onConfirm={confirm}
      />
    </div>
  )
}

type MakeSubaccountProps = { path: string; opened: boolean; onClose: () => void; onMade: () => void }

const MakeSubaccount = ({ path, opened, onClose, onMade }: MakeSubaccountProps) => {
  const [friendlyName, setFriendlyName] = useState('')
  const make = useMutation({
    mutationFn: () => call<Subaccount>('POST', path, { friendlyName } satisfies NewSubaccount),
    onSuccess: () => {
      setFriendlyName('')
      onClose()
      onMade()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Modal opened={opened} onClose={onClose} title={t.makeHeading}>
      <form className={card.form} onSubmit={submit}>
        <Problem text={generalProblem(make.error)} />
        <TextInput
          label={t.name}
          required
          maxLength={64}
          data-autofocus
          value={friendlyName}
          onChange={(event) => setFriendlyName(event.currentTarget.value)}
        />
        <Button type="submit" loading={make.isPending}>
          {t.makeDo}
        </Button>
      </form>
    </Modal>
  )
}
