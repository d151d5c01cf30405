import { Alert, Button, Checkbox, Group, Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { MessageDetail, Replay, Replayed, ReplayKind } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { newUuid } from '../../ui/new-id.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'

const t = texts.console.replay

type ReplayDialogProps = { message: MessageDetail; kind: ReplayKind | null; onClose: () => void }

/** Says what will happen, and what may reach the person twice, before it does. */
export const ReplayDialog = ({ message, kind, onClose }: ReplayDialogProps) => (
  <Modal opened={kind !== null} onClose={onClose} title={kind === null ? '' : t.kinds[kind]}>
    {kind !== null && <Ask message={message} kind={kind} onClose={onClose} />}
  </Modal>
)

const Ask = ({ message, kind, onClose }: ReplayDialogProps & { kind: ReplayKind }) => {
  const account = useAccount()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [id] = useState(() => newUuid())
  const warning = message.replays.find((each) => each.kind === kind)?.warning ?? null
  const [replies, setReplies] = useState(warning === null)
  useEffect(() => setReplies(warning === null), [warning])
  const again = useMutation({
    mutationFn: () => {
      const body: Replay = { id, kind, ...(kind === 'inbound' && { replies }) }
      return call<Replayed>('POST', `/accounts/${account.sid}/messages/${message.sid}/replay`, body)
    },
    onSuccess: async ({ madeSid }) => {
      onClose()
      notifications.show({ title: t.done, message: madeSid ? t.madeText : t.doneText })
      await client.invalidateQueries({ queryKey: ['message', account.sid] })
      if (madeSid === null) return
      await navigate({ to: '/$accountSid/messages/$sid', params: { accountSid: account.sid, sid: madeSid } })
    },
  })
  const isRisky = warning !== null && (kind !== 'inbound' || replies)
  return (
    <>
      <p style={{ marginTop: 0 }}>{t.texts[kind]}</p>
      {kind === 'inbound' && (
        <Checkbox
          mb="md"
          label={t.replies}
          description={t.repliesOff}
          checked={replies}
          onChange={(event) => setReplies(event.currentTarget.checked)}
        />
      )}
      {isRisky && (
        <Alert color="yellow" mb="md" role="status">
          {warning}
        </Alert>
      )}
      <Problem text={generalProblem(again.error)} />
      <Group>
        <Button loading={again.isPending} onClick={() => again.mutate()} data-autofocus>
          {t.confirm[kind]}
        </Button>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
      </Group>
    </>
  )
}
