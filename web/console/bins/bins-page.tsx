import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { BinRow, BinView, NewBin } from '../../../src/console/contract/bins.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { call, generalProblem, may, problemOf } from '../api.ts'
import card from '../card.module.css'
import channels from '../channels/channels.module.css'
import { useAccount } from '../frame/use-account.ts'
import { binQuery, binsPath, binsQuery } from './queries.ts'

const t = texts.console.bins

export const BinsPage = () => {
  const account = useAccount()
  const bins = useQuery(binsQuery(account.sid))
  const [making, setMaking] = useState(false)
  const list = bins.data?.bins ?? []
  const make = may(account, 'configure') && (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setMaking(true)}>
      {t.make}
    </Button>
  )
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead}>
        {make}
      </PageTitle>
      <Problem text={generalProblem(bins.error)} />
      {bins.data !== undefined && list.length === 0 && <Notice heading={t.emptyHeading} text={t.empty} />}
      {list.length > 0 && (
        <ul className={`${card.card} ${channels.list}`}>
          {list.map((bin) => (
            <Row key={bin.name} bin={bin} to={`/${account.sid}/bins/${bin.name}`} />
          ))}
        </ul>
      )}
      <MakeDialog opened={making} onClose={() => setMaking(false)} />
    </>
  )
}

const Row = ({ bin: { name, gist, uses, updatedAt }, to }: { bin: BinRow; to: string }) => (
  <li>
    <Link className={channels.rowLink} to={to as string}>
      <span className={card.grow}>
        <span className={channels.name}>{name}</span>
        <span className={card.soft} style={{ display: 'block' }}>
          {gist}
        </span>
      </span>
      <span className={card.soft}>
        {t.uses(uses)} · {t.changed} <Time at={updatedAt} />
      </span>
    </Link>
  </li>
)

const MakeDialog = ({ opened, onClose }: { opened: boolean; onClose: () => void }) => {
  const account = useAccount()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const make = useMutation({
    mutationFn: () =>
      call<BinView>('POST', binsPath(account.sid), { name, twiml: t.starter(name.trim()) } satisfies NewBin),
    onSuccess: async (bin) => {
      client.setQueryData(binQuery(account.sid, bin.name).queryKey, bin)
      await client.invalidateQueries({ queryKey: binsQuery(account.sid).queryKey, exact: true })
      await navigate({ to: `/${account.sid}/bins/${bin.name}` as string })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Modal opened={opened} onClose={onClose} title={t.makeHeading}>
      <form className={card.form} onSubmit={submit}>
        <Problem text={generalProblem(make.error, 'name')} />
        <TextInput
          label={t.name}
          description={t.nameHint}
          required
          maxLength={64}
          autoComplete="off"
          data-autofocus
          value={name}
          error={problemOf(make.error, 'name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={make.isPending}>
          {t.makeDo}
        </Button>
      </form>
    </Modal>
  )
}
