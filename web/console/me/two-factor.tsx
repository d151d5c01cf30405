import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Me, RecoveryCodes, TwoFactorConfirm, TwoFactorStart } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, meQuery, problemOf, useMe } from '../api.ts'
import card from '../card.module.css'
import styles from './me-page.module.css'

const t = texts.console.me

export const TwoFactor = () => {
  const me = useMe()
  const [codes, setCodes] = useState<string[] | null>(null)
  const client = useQueryClient()
  const kept = () => {
    setCodes(null)
    return client.invalidateQueries({ queryKey: meQuery.queryKey })
  }
  return (
    <section className={card.card}>
      <div className={card.inner}>
        <h2>{t.twoFactorHeading}</h2>
        {me.twoFactor ? <TurnOff left={me.recoveryCodesLeft} /> : codes === null && <TurnOn onCodes={setCodes} />}
      </div>
      <Modal opened={codes !== null} onClose={kept} title={t.recoveryHeading} closeOnClickOutside={false}>
        <p>{t.recoveryText}</p>
        <ul className={styles.codes}>
          {codes?.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <CopyField label={t.recoveryLabel} value={(codes ?? []).join('\n')} block />
        <Button mt="md" onClick={kept} data-autofocus>
          {t.recoveryDone}
        </Button>
      </Modal>
    </section>
  )
}

const TurnOn = ({ onCodes }: { onCodes: (codes: string[]) => void }) => {
  const [code, setCode] = useState('')
  const start = useMutation({ mutationFn: () => call<TwoFactorStart>('POST', '/me/two-factor') })
  const secret = start.data?.secret ?? ''
  const confirm = useMutation({
    mutationFn: () =>
      call<RecoveryCodes>('POST', '/me/two-factor/confirm', { secret, code } satisfies TwoFactorConfirm),
    onSuccess: ({ codes }) => onCodes(codes),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    confirm.mutate()
  }
  if (start.data === undefined) {
    return (
      <>
        <p>{t.twoFactorOff}</p>
        <Problem text={generalProblem(start.error)} />
        <Button onClick={() => start.mutate()} loading={start.isPending}>
          {t.twoFactorStart}
        </Button>
      </>
    )
  }
  return (
    <form className={card.form} onSubmit={submit}>
      <p>{t.twoFactorScan}</p>
      <img
        className={styles.qr}
        alt={t.twoFactorQr}
        src={`data:image/svg+xml,${encodeURIComponent(start.data.qrSvg)}`}
      />
      <CopyField label={t.twoFactorKey} value={secret} />
      <Problem text={generalProblem(confirm.error, 'code')} />
      <TextInput
        label={t.twoFactorCode}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        value={code}
        error={problemOf(confirm.error, 'code')}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <Button type="submit" loading={confirm.isPending}>
        {t.twoFactorConfirm}
      </Button>
    </form>
  )
}

const TurnOff = ({ left }: { left: number }) => {
  const [open, setOpen] = useState(false)
  const [code, setCode] = useState('')
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => call<Me>('POST', '/me/two-factor/remove', { code }),
    onSuccess: (changed) => {
      setOpen(false)
      client.setQueryData(meQuery.queryKey, changed)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    remove.mutate()
  }
  return (
    <>
      <p>{t.twoFactorOn(left)}</p>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t.twoFactorOffDo}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t.twoFactorOffHeading}>
        <form className={card.form} onSubmit={submit}>
          <p>{t.twoFactorOffText}</p>
          <Problem text={generalProblem(remove.error, 'code')} />
          <TextInput
            label={t.twoFactorOffCode}
            autoComplete="one-time-code"
            required
            data-autofocus
            value={code}
            error={problemOf(remove.error, 'code')}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <Button type="submit" color="red" loading={remove.isPending}>
            {t.twoFactorOffDo}
          </Button>
        </form>
      </Modal>
    </>
  )
}
