import { Button, Modal, Radio, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Invite, Invited, RoleName } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, problemOf } from '../api.ts'
import card from '../card.module.css'

const t = texts.console.people

type InviteDialogProps = { path: string; roles: RoleName[]; opened: boolean; onClose: () => void }

export const InviteDialog = ({ path, roles, opened, onClose }: InviteDialogProps) => {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<RoleName>('developer')
  const invite = useMutation({
    mutationFn: () => call<Invited>('POST', `${path}/invitations`, { email, role } satisfies Invite),
  })
  const close = () => {
    setEmail('')
    invite.reset()
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    invite.mutate()
  }
  return (
    <Modal opened={opened} onClose={close} title={t.inviteHeading}>
      {invite.data === undefined ? (
        <form className={card.form} onSubmit={submit}>
          <Problem text={generalProblem(invite.error, 'email')} />
          <TextInput
            label={texts.console.signIn.email}
            type="email"
            required
            data-autofocus
            value={email}
            error={problemOf(invite.error, 'email')}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Radio.Group label={t.role} value={role} onChange={(value) => setRole(value as RoleName)}>
            {roles.map((each) => (
              <Radio key={each} mt="xs" value={each} label={t.roles[each]} description={t.roleHints[each]} />
            ))}
          </Radio.Group>
          <Button type="submit" loading={invite.isPending}>
            {t.inviteDo}
          </Button>
        </form>
      ) : (
        <>
          <p>{t.inviteReadyText(invite.data.email)}</p>
          <CopyField label={t.inviteReady} value={invite.data.url} />
          <Button mt="md" onClick={close} autoFocus>
            {texts.console.done}
          </Button>
        </>
      )}
    </Modal>
  )
}

type LinkDialogProps = { title: string; text: string; url: string | null; onClose: () => void }

/** A link that is shown once. */
export const LinkDialog = ({ title, text, url, onClose }: LinkDialogProps) => (
  <Modal opened={url !== null} onClose={onClose} title={title}>
    <p>{text}</p>
    <CopyField label={title} value={url ?? ''} />
    <Button mt="md" onClick={onClose} data-autofocus>
      {texts.console.done}
    </Button>
  </Modal>
)

type ConfirmProps = {
  opened: boolean
  title: string
  text: string
  action: string
  onClose: () => void
  onConfirm: () => void
}

/** Before something is lost: says what, and the button names it again. */
export const Confirm = ({ opened, title, text, action, onClose, onConfirm }: ConfirmProps) => (
  <Modal opened={opened} onClose={onClose} title={title}>
    <p>{text}</p>
    <Button color="red" onClick={onConfirm}>
      {action}
    </Button>{' '}
    <Button variant="default" onClick={onClose} data-autofocus>
      {texts.cancel}
    </Button>
  </Modal>
)
